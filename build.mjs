// Builds the front end into src/tongpin/ui/static/tongpin/: one app.css, the entry scripts with shared and lazy
// chunks, an SVG sprite of the icons in use, and manifest.json. Run by hatch_build.py; `node build.mjs --watch`
// rebuilds while you work.
import { createHash } from "node:crypto";
import { existsSync, globSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, watch, writeFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";

const root = dirname(fileURLToPath(import.meta.url));
const pkg = join(root, "src/tongpin");
const out = join(pkg, "ui/static/tongpin");
const target = ["chrome123", "firefox121", "safari17.5"];
const find = (...patterns) => patterns.flatMap((p) => globSync(p, { cwd: pkg })).sort().map((p) => join(pkg, p));
const digest = (data) => createHash("sha256").update(data).digest("hex").slice(0, 10).toUpperCase();

/** ui/islands/app.ts is "app"; modules/goals/islands/lookback.ts is "goals/lookback"; a leading underscore is private. */
function entries() {
  const map = { app: join(pkg, "ui/islands/app.ts") };
  for (const file of find("modules/*/islands/*.ts")) {
    const name = basename(file, ".ts");
    if (!name.startsWith("_") && !name.endsWith(".d")) map[`${basename(dirname(dirname(file)))}/${name}`] = file;
  }
  return map;
}

async function scripts() {
  const points = entries();
  const built = await esbuild.build({
    entryPoints: points, outdir: out, bundle: true, splitting: true, format: "esm", minify: true, target,
    entryNames: "[dir]/[name]-[hash]", chunkNames: "chunks/[name]-[hash]", metafile: true, legalComments: "none",
    tsconfig: join(root, "tsconfig.json"), define: { "process.env.NODE_ENV": '"production"' }, logLevel: "warning",
  });
  const outputs = built.metafile.outputs;
  const files = {};
  for (const [path, info] of Object.entries(outputs)) {
    if (!info.entryPoint) continue;
    const source = join(root, info.entryPoint);
    const entry = Object.keys(points).find((key) => points[key] === source);
    const seen = new Set();
    const walk = (p) => {
      for (const i of outputs[p].imports) {
        if (i.kind === "import-statement" && !seen.has(i.path)) { seen.add(i.path); walk(i.path); }
      }
    };
    walk(path);
    const local = (p) => relative(out, join(root, p));
    files[`${entry ?? "lazy/" + basename(source, ".ts")}.js`] = { file: local(path), imports: [...seen].map(local) };
  }
  return files;
}

/** What other sites load: a script by itself, whose names meet nobody else's. modules/analytics/tracker/t.ts is "analytics/t.js". */
async function trackers() {
  const files = {};
  for (const file of find("modules/*/tracker/*.ts")) {
    const { outputFiles } = await esbuild.build({ entryPoints: [file], bundle: true, minify: true, format: "iife", target: "es2020", legalComments: "none", write: false, logLevel: "warning" });
    const name = `${basename(dirname(dirname(file)))}/${basename(file, ".ts")}`;
    const hashed = `${name}-${digest(outputFiles[0].contents)}.js`;
    mkdirSync(dirname(join(out, hashed)), { recursive: true });
    writeFileSync(join(out, hashed), outputFiles[0].contents);
    files[`${name}.js`] = { file: hashed, imports: [] };
  }
  return files;
}

/** Each file goes into the layer its place names, so the order of files inside a layer never decides a style. */
async function styles() {
  const layers = ["reset", "tokens", "base", "components", "utilities"];
  let css = `@layer ${layers.join(", ")};\n`;
  for (const layer of layers) {
    const files = layer === "components" ? find("ui/css/components/*.css", "modules/*/css/*.css") : find(`ui/css/${layer}.css`);
    for (const file of files) css += `@layer ${layer} {\n${readFileSync(file, "utf8")}\n}\n`;
  }
  const { code, warnings } = await esbuild.transform(css, { loader: "css", minify: true, target: ["chrome123"] });
  for (const w of warnings) console.warn(`css: ${w.text}`);
  const file = `app-${digest(code)}.css`;
  writeFileSync(join(out, file), code);
  return { "app.css": { file, imports: [] } };
}

/** The icons named in templates ({% icon "x" %}, icon="x"), in Python (icon="x") and islands (icon("x")); a choice made at run time is
 * announced by a comment `# icons: x y`. */
function iconsInUse() {
  const names = new Set();
  const patterns = [/\{%\s*icon\s+"([a-z0-9-]+)"/g, /\bicon=["']([a-z0-9-]+)["']/g, /\bicon\("([a-z0-9-]+)"/g];
  for (const file of find("**/*.{html,py,ts}")) {
    if (/\/(static|tests)\//.test(file)) continue;
    const text = readFileSync(file, "utf8");
    for (const pattern of patterns) for (const [, name] of text.matchAll(pattern)) names.add(name);
    for (const [, list] of text.matchAll(/(?:#|\/\/)\s*icons: ([a-z0-9 -]+)/g)) for (const name of list.trim().split(/\s+/)) names.add(name);
  }
  return [...names].sort();
}

function sprite() {
  const from = join(root, "node_modules/lucide-static/icons");
  const names = iconsInUse();
  const unknown = names.filter((name) => !existsSync(join(from, `${name}.svg`)));
  if (unknown.length) throw new Error(`no such lucide icon: ${unknown.join(", ")}`);
  const symbols = names.map((name) => {
    const body = readFileSync(join(from, `${name}.svg`), "utf8").replace(/^[\s\S]*?<svg[^>]*>|<\/svg>\s*$/g, "");
    return `<symbol id="${name}" viewBox="0 0 24 24">${body.replace(/\s*\n\s*/g, "")}</symbol>`;
  });
  const svg = `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>`;
  const file = `icons-${digest(svg)}.svg`;
  writeFileSync(join(out, file), svg);
  return { files: { "icons.svg": { file, imports: [] } }, names };
}

/** The strings islands ask for with t("…") and tn("one", "many", n): the server translates exactly these. */
function messages() {
  const one = new Set();
  const many = new Map();
  const literal = String.raw`"((?:[^"\\]|\\.)*)"`;
  for (const file of find("ui/islands/**/*.ts", "modules/*/islands/**/*.ts")) {
    const text = readFileSync(file, "utf8");
    for (const [, id] of text.matchAll(new RegExp(String.raw`\bt\(\s*${literal}`, "g"))) one.add(JSON.parse(`"${id}"`));
    for (const [, a, b] of text.matchAll(new RegExp(String.raw`\btn\(\s*${literal},\s*${literal}`, "g"))) {
      many.set(JSON.parse(`"${a}"`), JSON.parse(`"${b}"`));
    }
  }
  return { one: [...one].sort(), many: [...many].sort() };
}

/** Files of the build before this one: a page that is open now may still ask for them. */
function previous() {
  const path = join(out, "manifest.json");
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")).all ?? []) : [];
}

async function build() {
  mkdirSync(out, { recursive: true });
  const before = previous();
  const { files: icon, names } = sprite();
  const files = { ...(await scripts()), ...(await trackers()), ...(await styles()), ...icon };
  for (const file of find("ui/brand/*.svg")) {
    const data = readFileSync(file);
    const hashed = `${basename(file, ".svg")}-${digest(data)}.svg`;
    writeFileSync(join(out, hashed), data);
    files[basename(file)] = { file: hashed, imports: [] };
  }
  const all = [...new Set(Object.values(files).flatMap((entry) => [entry.file, ...entry.imports]))].sort();
  const fresh = join(out, "manifest.json.new");
  writeFileSync(fresh, JSON.stringify({ files, all, icons: names, messages: messages() }, null, 1));
  renameSync(fresh, join(out, "manifest.json"));
  const kept = new Set([...all, ...before, "manifest.json"]);
  for (const file of globSync("**/*", { cwd: out })) {
    if (!kept.has(file) && statSync(join(out, file)).isFile()) rmSync(join(out, file), { force: true });
  }
  console.log(`built ${Object.keys(files).length} assets, ${names.length} icons`);
}

await build();
if (process.argv.includes("--watch")) {
  let timer;
  watch(pkg, { recursive: true }, (_, name) => {
    if (!name || /(^|\/)(static|locale|__pycache__)\//.test(name) || !/\.(ts|css|html|py|svg)$/.test(name)) return;
    clearTimeout(timer);
    timer = setTimeout(() => build().catch((error) => console.error(error.message)), 120);
  });
  console.log("watching");
}
