// Where tiles lie: the same rule as dashboard_layout.py. Tiles fall, in their reading order, onto what is already below
// them in their columns.
export interface Box {
  tile: string;
  x: number;
  y: number;
  w: number;
  h: number;
}

export const COLUMNS = 12;
const LEAST = { w: 2, h: 2 };
const MOST_HEIGHT = 24;

const between = (value: number, least: number, most: number) => Math.min(Math.max(value, least), most);

/** The nearest box that a dashboard can hold. */
export function fitted(box: Box): Box {
  const w = between(box.w, LEAST.w, COLUMNS);
  return { ...box, w, h: between(box.h, LEAST.h, MOST_HEIGHT), x: between(box.x, 0, COLUMNS - w), y: Math.max(box.y, 0) };
}

/** As they are read: row by row, from the left. */
export function inOrder(boxes: Box[]): Box[] {
  return [...boxes].sort((a, b) => a.y - b.y || a.x - b.x || (a.tile < b.tile ? -1 : 1));
}

function laid(boxes: Box[]): Box[] {
  const height = new Array<number>(COLUMNS).fill(0);
  return boxes.map(fitted).map((box) => {
    const y = Math.max(...height.slice(box.x, box.x + box.w));
    height.fill(y + box.h, box.x, box.x + box.w);
    return { ...box, y };
  });
}

/** The boxes with one of them in another place or size; the others give way. */
export function moved(boxes: Box[], to: Box): Box[] {
  const others = inOrder(boxes.filter((box) => box.tile !== to.tile));
  const was = boxes.find((box) => box.tile === to.tile) ?? to;
  const held = fitted(to);
  const edge = held.y > was.y ? held.y + held.h : held.y;
  const found = others.findIndex((box) => 2 * box.y + box.h > 2 * edge);
  const at = found < 0 ? others.length : found;
  return laid([...others.slice(0, at), held, ...others.slice(at)]);
}
