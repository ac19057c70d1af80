// Entry of every page: htmx and the shell's islands. What a page rarely needs is a lazy chunk.
import "./htmx";
