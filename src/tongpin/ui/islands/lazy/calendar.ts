// The calendar of <tp-date>, a chunk of its own.
import "cally";
