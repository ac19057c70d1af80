// A row of tabs wider than its place shows the one that is current.
for (const strip of document.querySelectorAll<HTMLElement>(".tabs, .settings-nav")) {
  const here = strip.querySelector<HTMLElement>("[aria-current], [aria-selected=true]");
  if (here && strip.scrollWidth > strip.clientWidth) strip.scrollLeft = here.offsetLeft - strip.offsetLeft - (strip.clientWidth - here.offsetWidth) / 2;
}
