// What every island shares: listeners that end with the element, the sprite's icons, and the question "is a hand typing?".
const spriteUrl = document.querySelector<HTMLMetaElement>('meta[name="tp-icons"]')?.content ?? "";

export abstract class Island extends HTMLElement {
  #stop = new AbortController();

  connectedCallback(): void {
    this.#stop = new AbortController();
    this.connect();
  }

  disconnectedCallback(): void {
    this.#stop.abort();
  }

  /** A move inside the document (a morph) keeps everything as it is. */
  connectedMoveCallback(): void {
    return;
  }

  /** Called each time the element enters the document. Children may still change: delegate events to `this`. */
  protected abstract connect(): void;

  protected get ended(): AbortSignal {
    return this.#stop.signal;
  }

  protected listen<E extends Event>(
    target: EventTarget, type: string, handler: (event: E) => void, options: AddEventListenerOptions = {},
  ): void {
    target.addEventListener(type, handler as EventListener, { ...options, signal: this.#stop.signal });
  }

  protected find<E extends Element>(selector: string): E | null {
    return this.querySelector<E>(selector);
  }
}

export function define(name: string, island: CustomElementConstructor): void {
  if (!customElements.get(name)) customElements.define(name, island);
}

/** An icon of the sprite; name it literally, so that the build finds it. */
export function icon(name: string): SVGSVGElement {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `${spriteUrl}#${name}`);
  svg.append(use);
  return svg;
}

export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K, attributes: Record<string, string> = {}, ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

const EDITED = 'input:not([type="checkbox"], [type="radio"], [type="button"], [type="submit"]), textarea, select, [contenteditable="true"]';

/** Whether the element is one people type into. */
export function isEditable(target: EventTarget | null): boolean {
  return target instanceof Element && target.matches(EDITED);
}

/** Whether a key belongs to what is being typed or composed, so that no shortcut may take it. */
export function isTyping(event: KeyboardEvent): boolean {
  return event.isComposing || event.keyCode === 229 || isEditable(event.target);
}

/** Tell screen readers. An open modal dialog silences all that is outside it, so then it is said inside. */
export function announce(text: string): void {
  const modal = [...document.querySelectorAll("dialog:modal")].at(-1);
  let place = modal?.querySelector(":scope > .sr-only[role=status]") ?? document.getElementById("announcer");
  if (modal && !modal.contains(place)) modal.append((place = element("div", { class: "sr-only", role: "status" })));
  if (place) place.textContent = text;
}

/** What is listed in a `<script type="application/json">`. */
export function embedded<T>(root: ParentNode, selector: string, otherwise: T): T {
  const text = root.querySelector(selector)?.textContent;
  return text ? (JSON.parse(text) as T) : otherwise;
}
