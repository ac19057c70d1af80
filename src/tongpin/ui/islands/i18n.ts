// The strings of the islands. English is the source; another language is fetched once and kept by the browser for a year.
type Catalogue = Record<string, string | [string, string]>;
type Values = Record<string, string | number>;

const address = document.querySelector<HTMLMetaElement>('meta[name="tp-catalogue"]')?.content;
let catalogue: Catalogue = {};
if (address) {
  try {
    const answer = await fetch(address);
    if (answer.ok) catalogue = (await answer.json()) as Catalogue;
  } catch {
    // Without the catalogue the page still works, in English.
  }
}

const fill = (text: string, values: Values) => text.replace(/\{(\w+)\}/g, (all, key: string) => String(values[key] ?? all));

/** The reader's words for `text`; `{name}` is replaced by values.name. */
export function t(text: string, values: Values = {}): string {
  const found = catalogue[text];
  return fill(typeof found === "string" ? found : text, values);
}

/** The form for `n` of a countable thing. */
export function tn(one: string, many: string, n: number, values: Values = {}): string {
  const found = catalogue[many];
  const [single, plural] = Array.isArray(found) ? found : [one, many];
  return fill(n === 1 ? single : plural, { n, ...values });
}
