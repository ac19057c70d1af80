// Mentions as people read them: @沈一诺 in the box, @[沈一诺](member:<id>) in what is sent and kept.
const MENTION = /@\[([^\]\n]+)\]\(member:([0-9a-f-]{36})\)/g;

export class Names {
  #ids = new Map<string, string>();

  /** Remember a person, and give what stands for them in the box: the name, or the whole where another has it already. */
  add(name: string, id: string): string {
    const plain = name.replace(/[[\]\n]/g, "");
    const known = this.#ids.get(plain);
    if (known && known !== id) return `@[${plain}](member:${id})`;
    this.#ids.set(plain, id);
    return `@${plain}`;
  }

  /** Stored text as the box shows it. */
  shown(text: string): string {
    return text.replace(MENTION, (_whole, name: string, id: string) => this.add(name, id));
  }

  /** The box's text as it is stored: the longest name first, and never the beginning of a longer Latin word. */
  sent(text: string): string {
    const names = [...this.#ids.keys()].sort((a, b) => b.length - a.length);
    if (!names.length) return text;
    const escaped = names.map((name) => name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&") + (/[A-Za-z0-9]$/.test(name) ? "(?![A-Za-z0-9])" : ""));
    return text.replace(new RegExp(`@(${escaped.join("|")})`, "g"), (_whole, name: string) => `@[${name}](member:${this.#ids.get(name) ?? ""})`);
  }
}
