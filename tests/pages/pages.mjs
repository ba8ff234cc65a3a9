// Visits every page with Chromium; see `run`.
import { createRequire } from "node:module";
import { mkdirSync, readFileSync } from "node:fs";

const require = createRequire(`${process.env.MODULES}/`);
const { chromium } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const base = process.env.SERVER;
const shots = process.env.SHOTS;
if (shots) mkdirSync(shots, { recursive: true });

let passed = 0;
let failed = 0;
function check(name, ok, detail = "") {
  if (ok) passed += 1;
  else {
    failed += 1;
    console.log(`FAILED ${name} ${detail}`);
  }
}

async function ready() {
  for (let tries = 0; tries < 150; tries += 1) {
    const answer = await fetch(`${base}/`).catch(() => null);
    if (answer?.status === 200) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`${base} does not answer`);
}

const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: [
    "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
  ],
});

function watched(page, expected = []) {
  const seen = { errors: [], elsewhere: [] };
  page.on("console", (message) => {
    const text = message.text();
    if (message.type() === "error" && !expected.some((word) => text.includes(word))) seen.errors.push(text);
  });
  page.on("pageerror", (error) => seen.errors.push(String(error)));
  page.on("request", (request) => {
    if (!request.url().startsWith(`${base}/`) && !request.url().startsWith("data:")) seen.elsewhere.push(request.url());
  });
  return seen;
}

async function accessible(page) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => axe.run(document));
  const grave = violations.filter(({ impact }) => impact !== "minor");
  return grave.map(({ id, nodes }) => `${id}: ${nodes[0].html.slice(0, 160)}`);
}

async function visit(context, lang, name, path, status = 200) {
  const page = await context.newPage();
  const seen = watched(page, status === 200 ? [] : [`status of ${status}`]);
  const answer = await page.goto(base + path, { waitUntil: "load" });
  const label = `${lang} ${name}`;
  check(`${label} answers ${status}`, answer.status() === status, String(answer.status()));
  check(`${label} speaks ${lang}`, (await page.getAttribute("html", "lang")).startsWith(lang));
  const charts = page.locator("[data-chart], [data-graph]");
  for (let i = 0; i < (await charts.count()); i += 1) {
    const drawn = await charts.nth(i).locator("canvas, svg").count();
    check(`${label} chart ${i}`, drawn > 0);
  }
  const violations = await accessible(page);
  check(`${label} is accessible`, violations.length === 0, violations.join(" | "));
  check(`${label} has no errors`, seen.errors.length === 0, seen.errors.join(" | "));
  check(`${label} stays at home`, seen.elsewhere.length === 0, seen.elsewhere.join(" "));
  const wide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
  check(`${label} fits`, !wide);
  if (shots) await page.screenshot({ path: `${shots}/${name}-${lang}.png`, fullPage: true });
  await page.close();
}

// every number on the page that leads to a list leads to as many
async function follow(context, path) {
  const page = await context.newPage();
  await page.goto(base + path);
  const links = await page.$$eval("main a[href]", (anchors) =>
    anchors.map((a) => ({ href: a.getAttribute("href"), text: a.textContent.trim() })),
  );
  const numbers = links.filter(({ href, text }) => /^[\d,]+$/.test(text) && /^\/(clues|quarantine)\?/.test(href));
  check(`${path} has numbers to follow`, numbers.length > 3, String(numbers.length));
  const told = new Map(numbers.map(({ href, text }) => [href, Number(text.replaceAll(",", ""))]));
  for (const [href, number] of told) {
    const answer = await context.request.get(base + href);
    const total = /data-total="(-?\d+)"/.exec(await answer.text())?.[1];
    check(`${path}: ${href}`, answer.status() === 200 && Number(total) === number, `${number} leads to ${total}`);
  }
  await page.close();
}

async function more(context) {
  const page = await context.newPage();
  const seen = watched(page);
  await page.goto(`${base}/clues?stage=open`);
  const rows = () => page.locator("table.list tbody th[scope=row]").count();
  const before = await rows();
  await page.click(".more a");
  await page.waitForFunction((n) => document.querySelectorAll("table.list tbody th[scope=row]").length > n, before);
  check("more rows come without leaving the page", (await rows()) > before && !page.url().includes("cursor"));
  const numbers = await page.locator("table.list tbody th[scope=row]").allTextContents();
  check("no clue comes twice", new Set(numbers).size === numbers.length);
  check("fetching more makes no errors", seen.errors.length === 0, seen.errors.join(" | "));
  await page.close();
}

async function plain() {
  const context = await browser.newContext({ javaScriptEnabled: false, locale: "zh-CN" });
  const page = await context.newPage();
  await page.goto(`${base}/`);
  check("without scripts the trend is a table", await page.locator("details[open] table tbody tr").first().isVisible());
  await page.click(".language");
  check("without scripts the language changes", (await page.getAttribute("html", "lang")) === "en");
  await page.goto(`${base}/clues?stage=open`);
  check("the choice of language is remembered", (await page.getAttribute("html", "lang")) === "en");
  await page.selectOption("select[name=overdue]", "true");
  await page.click("button[type=submit]");
  check("without scripts the form filters", page.url().includes("overdue=true"));
  await page.goto(`${base}/disputes/report`);
  check("without scripts the hand-overs are a table", await page.locator("details[open] table tbody tr").first().isVisible());
  await page.goto(`${base}/clues`);
  await page.click(".more a");
  check("without scripts more is a page", page.url().includes("cursor="));
  await context.close();
}

// an agency that has a clue says that it is another one's
async function quarrel() {
  const found = await (await fetch(`${base}/api/v1/clues?stage=dispatched&limit=200`)).json();
  const mine = found.clues.find((it) => it.agency);
  const other = found.clues.find((it) => it.agency && it.agency !== mine.agency);
  const asked = {
    type: "raise_dispute", cause: "by_agency", reason: "not ours",
    parties: [{ agency: mine.agency, position: "denies", duty: "charter" }, { agency: other.agency }],
    actor: { role: "agency", agency: mine.agency },
  };
  const act = async (id, body) => {
    const headers = { "content-type": "application/json" };
    const answer = await fetch(`${base}/api/v1/clues/${id}/commands`, { method: "POST", headers, body: JSON.stringify(body) });
    check(`${body.type} is taken`, answer.ok, `${answer.status} ${await answer.text()}`);
  };
  await act(mine.id, asked);
  const given = found.clues.find((it) => it.agency === mine.agency && it.id !== mine.id);
  await act(given.id, { type: "transfer_clue", to: other.agency, remark: "theirs", actor: { role: "coordinator" } });
  for (let tries = 0; tries < 100; tries += 1) {
    const list = await (await fetch(`${base}/disputes`)).text();
    const id = /href="(\/disputes\/[0-9a-f-]{36})"/.exec(list)?.[1];
    if (id) return [id, `/clues/${mine.id}`, mine.agency];
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("no dispute is listed");
}

await ready();
const [dispute, disputed, party] = await quarrel();
const clue = /href="(\/clues\/[^"?]+)"/.exec(await (await fetch(`${base}/clues?stage=open`)).text())[1];
const record = /href="(\/quarantine\/[^"?]+)"/.exec(await (await fetch(`${base}/quarantine`)).text())?.[1];
check("the quarantine has records", record !== undefined);
const pages = [
  ["overview", "/"], ["clues", "/clues"], ["followed", "/clues?by=agency&key=NYPD&of=closed"], ["clue", clue],
  ["report", "/report?by=agency"], ["flow", "/report?by=month&basis=flow&from=2026-04-15&to=2026-05-01"],
  ["quarantine", "/quarantine"], ["record", record], ["accounts", "/accounts"],
  ["disputes", "/disputes"], ["turn", `/disputes?agency=${party}`], ["dispute", dispute], ["disputed", disputed],
  ["quarrels", "/disputes/report"], ["agenda", "/disputes/agenda"],
  ["tasks", "/tasks"], ["notices", "/notices"], ["shadow", "/shadow"], ["triage", "/triage"], ["rulebook", "/rulebook"],
  ["versions", "/rulebook/versions"], ["who", "/rulebook?matter=Encampment&area=36061&on=2026-05-01"],
];
for (const lang of ["zh", "en"]) {
  const locale = lang === "zh" ? "zh-CN" : "en-GB";
  const context = await browser.newContext({ locale, viewport: { width: 1360, height: 900 } });
  for (const [name, path] of pages) await visit(context, lang, name, path);
  await visit(context, lang, "unknown", "/clues/nobody", 404);
  await visit(context, lang, "wrong", "/clues?stage=nonsense", 400);
  await context.close();
}
for (const [name, options] of [["dark", { colorScheme: "dark" }], ["narrow", { viewport: { width: 390, height: 844 } }]]) {
  const context = await browser.newContext({ locale: "zh-CN", ...options });
  for (const [page, path] of pages) await visit(context, "zh", `${name}-${page}`, path);
  await context.close();
}
const context = await browser.newContext({ locale: "en-GB" });
for (const path of ["/", "/report?by=area", "/report?by=month&basis=flow&from=2026-04-15&to=2026-05-01", "/accounts"]) {
  await follow(context, path);
}
await more(context);
await context.close();
await plain();
await browser.close();
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
