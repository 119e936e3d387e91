// A list as a real table: headings that sort, names that are links, text shown letter by letter. Drawn from `data` alone, whose
// shape `pages/ui/shared/listing.py` describes. What is pressed goes back as an event: "open", "sort", "turn", "mark",
// "show" or "choose"; a table with an `order` is sorted here.

const drawn = new WeakMap(); // root -> what is drawn there, and the handlers of the newest run
const BUSY = "[role=dialog], [data-test-script-state]:not([data-test-script-state=notRunning])";
let served = ""; // the mark for which the focus was set last, so that coming back to a page does not set it again

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement;
  const before = drawn.get(root);
  if (before) {
    before.send = setTriggerValue;
    if (before.data === JSON.stringify(data)) return;
  }
  const state = { send: setTriggerValue, data: JSON.stringify(data), sorted: before?.sorted, ...marks(data, before) };
  drawn.set(root, state);
  const focused = root.activeElement?.dataset?.place;
  const kinds = ["picking", "narrow", "matrix", "scrolls"].filter((kind) => data[kind]);
  const old = root.querySelector(".listing");
  const { scrollLeft: left = 0, scrollTop: top = 0 } = old?.querySelector(".moves") ?? {};
  const box = element("div", { class: ["listing", ...kinds].join(" ") });
  if (data.groups.length) box.append(moves(table(data, state), data));
  if (data.foot) box.append(foot(data.foot, state));
  if (data.order && state.sorted) sortHere(box, data, state);
  old?.remove();
  root.append(box);
  box.querySelector(".moves")?.scrollTo({ left, top });
  root.host?.setAttribute("data-drawn", "");
  if (data.focus?.since) focusOnce(data.focus);
  else if (!before && data.focus) focusFirst(data.focus);
  if (focused) box.querySelector(`[data-place="${CSS.escape(focused)}"]`)?.focus();
}

function focusFirst({ selectors }) {
  const target = selectors.map((each) => document.querySelector(each)).find(Boolean);
  if (!target) return;
  if (target.tabIndex < 0) target.tabIndex = -1; // a heading has the focus, but is no stop of Tab
  target.focus();
}

// While a dialog is open it keeps the focus, and while the program runs what has it may be drawn anew. Who went on to a field of
// their own in the meantime is left there.
function focusOnce(focus) {
  if (served === focus.since) return;
  served = focus.since;
  const until = Date.now() + 20_000;
  const wait = () => {
    if (served !== focus.since || Date.now() > until) return;
    if (document.querySelector(BUSY)) return void setTimeout(wait, 50);
    setTimeout(() => document.activeElement?.matches("input, textarea, select") || focusFirst(focus), 100);
  };
  wait();
}

// Which rows are marked: what was marked here counts until the program has heard of it, so that quick marks are not lost.
function marks(data, before) {
  const known = data.picking ? data.picking.marked : [];
  const waiting = before?.waiting;
  const heard = !waiting || (waiting.length === known.length && waiting.every((key) => known.includes(key)));
  return { marked: new Set(heard ? known : waiting), waiting: heard ? null : waiting };
}

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) if (value !== undefined && value !== null) made.setAttribute(key, value);
  made.append(...children); // strings become text, never markup
  return made;
}

function table(data, state) {
  const made = element("table", { role: "table" }, element("caption", {}, data.caption));
  const headings = data.columns.map((column) => heading(column, data, state));
  if (data.picking) headings.unshift(allMarks(data, state));
  made.append(element("thead", { role: "rowgroup" }, element("tr", { role: "row" }, ...headings)));
  data.groups.forEach((group, place) => {
    const body = element("tbody", { role: "rowgroup" });
    if (group.head) body.append(groupHead(group.head, data, state, place));
    group.rows.forEach((row, at) => {
      const drawnRow = line(row, data, state);
      drawnRow.dataset.at = at;
      body.append(drawnRow);
    });
    if (group.more) {
      const cell = element("td", { role: "cell", colspan: data.columns.length, class: "more" }, group.more);
      body.append(element("tr", { role: "row" }, cell));
    }
    made.append(body);
  });
  return made;
}

// What is larger than its place moves within it, by keyboard too.
function moves(made, data) {
  if (!data.matrix && !data.scrolls) return made;
  return element("div", { class: "moves", role: "region", tabindex: "0", "aria-label": data.caption }, made);
}

function heading(column, data, state) {
  const sorted = column.sorted || (column.sorts ? "none" : undefined);
  const cell = element("th", { role: "columnheader", scope: "col", "aria-sort": sorted, class: column.align, title: column.help });
  if (!column.sorts) {
    cell.append(column.hidden ? element("span", { class: "unseen" }, column.heading) : column.heading);
    return cell;
  }
  const arrow = { ascending: " ↑", descending: " ↓" }[column.sorted] || "";
  const button = element("button", { type: "button", "data-place": `sort-${column.name}` }, column.heading + arrow);
  button.addEventListener("click", () => (data.order ? turnHere(button, column, data, state) : state.send("sort", column.name)));
  cell.append(button);
  return cell;
}

// A table all of whose rows are here is sorted here: upwards, downwards, and back as it came.
function turnHere(button, column, data, state) {
  const now = state.sorted?.name === column.name ? state.sorted.way : 0;
  state.sorted = { name: column.name, way: { 0: 1, 1: -1, [-1]: 0 }[now] };
  sortHere(button.closest(".listing"), data, state);
}

function sortHere(box, data, state) {
  const { name, way } = state.sorted;
  const places = (way && data.order[name]) || [];
  const body = box.querySelector("tbody");
  const rows = [...body.rows].sort((a, b) => compared(places[a.dataset.at], places[b.dataset.at], way) || a.dataset.at - b.dataset.at);
  body.append(...rows);
  data.columns.forEach((column) => {
    const button = box.querySelector(`[data-place="${CSS.escape(`sort-${column.name}`)}"]`);
    if (!button) return; // of the last drawing
    const along = column.name === name ? way : 0;
    button.closest("th").setAttribute("aria-sort", { 1: "ascending", [-1]: "descending" }[along] || "none");
    button.textContent = column.heading + ({ 1: " ↑", [-1]: " ↓" }[along] || "");
  });
}

// Which of two places comes first, whatever the way: what says nothing comes last.
function compared(a, b, way) {
  if (!a || !b) return (a ? 0 : 1) - (b ? 0 : 1);
  return way * (a[0] === b[0] ? a[1] - b[1] : a[0].localeCompare(b[0]));
}

function groupHead(head, data, state, at) {
  const cell = element("th", { role: "rowheader", scope: "rowgroup", colspan: data.columns.length, class: "group" });
  cell.append(link(head, data, state, `group-${at}`));
  if (head.beside) cell.append(element("span", { class: "beside" }, head.beside));
  return element("tr", { role: "row" }, cell);
}

function line(row, data, state) {
  const made = element("tr", { role: "row", class: row.total ? "total" : undefined });
  if (data.picking) {
    made.dataset.key = row.key;
    made.append(mark(row, data, state));
    if (row.key === data.picking.opened) made.setAttribute("aria-current", "true");
  }
  for (const column of data.columns) {
    const cell = row.cells[column.name];
    const isName = column.name === data.names;
    const holder = element(isName ? "th" : "td", {
      role: isName ? "rowheader" : "cell",
      scope: isName ? "row" : undefined,
      class: `${column.align} is-${column.name.replace(/\W+/g, "-")}`, // a heading of a file is one word among the classes
      "data-heading": column.hidden ? undefined : column.heading,
    });
    holder.append(...(cell?.chooses ? [chooser(cell, row, column, data, state)] : content(cell, data, state, `${row.key}-${column.name}`)));
    made.append(holder);
  }
  return made;
}

function content(cell, data, state, place) {
  if (cell === undefined || cell === null || cell === "") return [];
  if (typeof cell === "string") return [cell];
  if (cell.flag !== undefined) return [element("span", { class: cell.flag ? "disc" : "ring", role: "img", "aria-label": cell.alt })];
  if (cell.bar) return [bar(cell)];
  if (cell.shows) return [shower(cell, state, place)];
  const parts = [cell.to ? link(cell, data, state, place) : element("span", { class: cell.strong ? "strong" : undefined }, cell.text)];
  if (cell.mark) parts.push(" ", element("span", { class: "mark" }, cell.mark));
  if (cell.below) parts.push(element("span", { class: "below" }, cell.below));
  return parts;
}

function link(cell, data, state, place) {
  const made = element("a", { href: `${cell.to}&${data.view}`, "data-place": place }, cell.text);
  made.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return; // a new tab is the browser's own affair
    event.preventDefault();
    state.send("open", cell.to);
  });
  return made;
}

function shower(cell, state, place) {
  const made = element("button", { type: "button", "data-place": place, "aria-label": cell.alt, class: "shows" }, cell.text);
  made.addEventListener("click", () => {
    state.send("show", made.closest("tr").dataset.key);
    if (matchMedia("(max-width: 768px)").matches) document.querySelector("[data-testid=stMain]")?.scrollTo(0, 0); // it takes the list's place
  });
  return made;
}

function chooser(cell, row, column, data, state) {
  const name = row.cells[data.names];
  const made = element("button", {
    type: "button",
    "data-place": `${row.key}-${column.name}`,
    "aria-label": `${cell.text}, ${column.heading}, ${name.text || name}`,
    "aria-pressed": String(data.chosen?.[0] === row.key && data.chosen[1] === column.name),
    class: "chooses",
  }, cell.text);
  made.addEventListener("click", () => state.send("choose", [row.key, column.name]));
  return made;
}

function mark(row, data, state) {
  const name = row.cells[data.names];
  const box = element("input", { type: "checkbox", "data-place": `mark-${row.key}`, "aria-label": `Mark ${name.text || name}` });
  box.checked = state.marked.has(row.key);
  box.addEventListener("change", () => {
    state.marked[box.checked ? "add" : "delete"](row.key);
    sendMarks(state);
  });
  return element("td", { role: "cell", class: "short is-mark" }, box);
}

function allMarks(data, state) {
  const keys = data.groups.flatMap((group) => group.rows.map((row) => row.key));
  const box = element("input", { type: "checkbox", "data-place": "mark-all", "aria-label": "Mark all rows of this page" });
  box.checked = keys.length > 0 && keys.every((key) => state.marked.has(key));
  box.addEventListener("change", () => {
    state.marked = new Set(box.checked ? keys : []);
    box.getRootNode().querySelectorAll(".is-mark input").forEach((each) => (each.checked = box.checked));
    sendMarks(state);
  });
  const words = element("span", { class: "said-where-headings-are-hidden", "aria-hidden": "true" }, "Mark all");
  return element("th", { role: "columnheader", scope: "col", class: "short is-mark" }, element("label", {}, box, words));
}

function sendMarks(state) {
  state.waiting = [...state.marked];
  state.send("mark", state.waiting);
}

function bar(cell) {
  const made = element("span", { class: "bar", "aria-hidden": "true" });
  cell.bar.forEach((share, at) => {
    if (share > 0) made.append(element("span", { class: `part part-${cell.parts[at]}`, style: `flex-grow:${share}` }));
  });
  return element("span", { class: "shares" }, made, element("span", { class: "unseen" }, cell.alt), element("span", { class: "said", "aria-hidden": "true" }, cell.said));
}

function foot(told, state) {
  const made = element("nav", { class: "foot", "aria-label": "Pages of the list" }, element("span", {}, told.said));
  for (const [label, page] of [["Previous", told.previous], ["Next", told.next]]) {
    if (!page) continue;
    const button = element("button", { type: "button", "data-place": `turn-${label}` }, label);
    button.addEventListener("click", () => state.send("turn", page));
    made.append(button);
  }
  return made;
}
