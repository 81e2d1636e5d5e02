"use strict";
(() => {
  const root = document.documentElement;
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  root.classList.add("js");

  // -- dark or light: the reader's system decides until somebody presses the button

  const dark = matchMedia("(prefers-color-scheme: dark)");
  const remembered = (() => { try { return localStorage.getItem("dbwarden-theme"); } catch { return null; } })();
  if (remembered === "dark" || remembered === "light") root.dataset.theme = remembered;
  document.getElementById("theme").addEventListener("click", () => {
    const now = root.dataset.theme || (dark.matches ? "dark" : "light");
    root.dataset.theme = now === "dark" ? "light" : "dark";
    try { localStorage.setItem("dbwarden-theme", root.dataset.theme); } catch { /* a page in a file may have no storage */ }
  });

  // -- one diagram: what is visible of it, and what is chosen

  const SMALLEST = 0.02, LARGEST = 3, FAR = 0.42;
  const MOST_GLIDING = 60; // each step of a glide draws everything anew

  // Left, top, width and height of a card in the diagram.
  function placeOf(card) {
    const box = card.querySelector(".frame");
    const [, x, y] = /translate\(([-\d.]+)[ ,]+([-\d.]+)\)/.exec(card.querySelector(".card").getAttribute("transform"));
    return [Number(x), Number(y), Number(box.getAttribute("width")), Number(box.getAttribute("height"))];
  }

  class Picture {
    constructor(stage) {
      this.stage = stage;
      this.svg = stage.querySelector("svg");
      this.world = stage.querySelector(".world");
      this.drawer = stage.parentElement.querySelector(".drawer");
      this.size = [Number(this.svg.dataset.width), Number(this.svg.dataset.height)];
      this.cards = new Map(all(".at", stage).map((card) => [card.dataset.table, card]));
      this.boxes = new Map([...this.cards].map(([name, card]) => [name, placeOf(card)]));
      this.lines = all(".line", stage);
      this.pointers = new Map();
      this.svg.removeAttribute("viewBox");
      this.fitted = false;
      this.listen();
    }

    listen() {
      const { stage } = this;
      stage.addEventListener("wheel", (event) => {
        event.preventDefault();
        if (event.ctrlKey || !event.shiftKey) this.zoom(Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.0016)), event);
        else this.move(-event.deltaY, 0);
      }, { passive: false });
      stage.addEventListener("pointerdown", (event) => this.press(event));
      stage.addEventListener("pointermove", (event) => this.drag(event));
      for (const name of ["pointerup", "pointercancel"]) stage.addEventListener(name, (event) => this.release(event));
      stage.addEventListener("click", (event) => this.click(event), true);
      stage.addEventListener("dragstart", (event) => event.preventDefault());
      stage.addEventListener("keydown", (event) => this.key(event));
      stage.addEventListener("focusin", (event) => this.focused(event));
      stage.addEventListener("pointerover", (event) => this.hover(event.target.closest?.(".at")));
      stage.addEventListener("pointerleave", () => this.hover(null));
      all("[data-do]", stage).forEach((button) => button.addEventListener("click", () => this.command(button.dataset.do)));
      this.drawer.querySelector(".close").addEventListener("click", () => this.close(true));
      this.drawer.addEventListener("keydown", (event) => { if (event.key === "Escape") this.close(true); });
      new ResizeObserver(() => { if (!this.fitted) this.fit(); }).observe(stage);
    }

    draw(glide = false) {
      this.stage.classList.toggle("gliding", glide && this.cards.size <= MOST_GLIDING);
      this.world.style.transform = `translate(${this.x}px, ${this.y}px) scale(${this.scale})`;
      this.stage.dataset.scale = this.scale.toFixed(4);
      this.stage.classList.toggle("far", this.scale < FAR);
      if (this.scale < FAR) this.sizeNames();
      this.hideAway();
    }

    // Thousands of texts that nobody sees would make moving slow.
    hideAway() {
      const reach = 200, [width, height] = [this.stage.clientWidth + reach, this.stage.clientHeight + reach];
      for (const [name, [x, y, wide, high]] of this.boxes) {
        const left = this.x + x * this.scale, top = this.y + y * this.scale;
        const away = left > width || top > height || left + wide * this.scale < -reach || top + high * this.scale < -reach;
        this.cards.get(name).classList.toggle("away", away);
      }
    }

    // From far away a card shows its name only, as large as the card allows.
    sizeNames() {
      const most = Math.round(15 / this.scale);
      if (this.namesFor === most) return;
      this.namesFor = most;
      for (const name of all(".far-name", this.stage)) {
        const letters = Math.max([...name.textContent].length, 4);
        name.style.fontSize = `${Math.min(most, (Number(name.dataset.room) - 12) / (letters * 0.63))}px`;
      }
    }

    fit(glide = false) {
      const { clientWidth: width, clientHeight: height } = this.stage;
      if (!width || !height) return;
      this.scale = Math.max(SMALLEST, Math.min(1, width / this.size[0], height / this.size[1]));
      this.x = (width - this.size[0] * this.scale) / 2;
      this.y = (height - this.size[1] * this.scale) / 2;
      this.draw(glide);
    }

    zoom(factor, at) {
      this.fitted = true;
      const box = this.stage.getBoundingClientRect();
      const [x, y] = at ? [at.clientX - box.left, at.clientY - box.top] : [box.width / 2, box.height / 2];
      const scale = Math.min(LARGEST, Math.max(SMALLEST, this.scale * factor));
      this.x = x - ((x - this.x) * scale) / this.scale;
      this.y = y - ((y - this.y) * scale) / this.scale;
      this.scale = scale;
      this.draw(!at);
    }

    move(x, y) {
      this.fitted = true;
      this.x += x;
      this.y += y;
      this.draw();
    }

    command(name) {
      if (name === "in") this.zoom(1.4);
      if (name === "out") this.zoom(1 / 1.4);
      if (name === "fit") { this.fitted = false; this.fit(true); }
      if (name === "changes") {
        const button = this.stage.querySelector('[data-do="changes"]');
        if (button) button.setAttribute("aria-pressed", String(this.svg.classList.toggle("only-changes")));
      }
    }

    // -- pointers: one moves, two zoom

    press(event) {
      if (event.button || event.target.closest("button")) return;
      this.pointers.set(event.pointerId, event);
      this.travelled = this.pointers.size > 1 ? 99 : 0;
    }

    drag(event) {
      const before = this.pointers.get(event.pointerId);
      if (!before) return;
      const other = [...this.pointers.values()].find((pointer) => pointer.pointerId !== event.pointerId);
      if (other) {
        const distance = (one) => Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY) || 1;
        const middle = { clientX: (event.clientX + other.clientX) / 2, clientY: (event.clientY + other.clientY) / 2 };
        this.zoom(distance(event) / distance(before), middle);
        this.move((event.clientX - before.clientX) / 2, (event.clientY - before.clientY) / 2);
      } else {
        this.travelled += Math.abs(event.clientX - before.clientX) + Math.abs(event.clientY - before.clientY);
        if (this.travelled > 4) {
          if (!this.stage.hasPointerCapture(event.pointerId)) this.stage.setPointerCapture(event.pointerId);
          this.stage.classList.add("moving");
          this.move(event.clientX - before.clientX, event.clientY - before.clientY);
        }
      }
      this.pointers.set(event.pointerId, event);
    }

    release(event) {
      this.pointers.delete(event.pointerId);
      this.stage.classList.remove("moving");
    }

    click(event) {
      if (event.target.closest("button")) return;
      const card = event.target.closest(".at");
      event.preventDefault();
      if (this.travelled > 4) return;
      if (card) this.choose(card.dataset.table, { bring: false });
      else this.close();
    }

    // What the drawer covers moves out of its way.
    uncover(card) {
      const [one, drawer] = [card.getBoundingClientRect(), this.drawer.getBoundingClientRect()];
      const narrow = drawer.width > this.stage.clientWidth / 2;
      if (narrow || one.right > drawer.left) this.bring(card, narrow ? Math.max(this.scale, 0.75) : this.scale);
    }

    key(event) {
      if (event.target.closest("button") || event.altKey || event.ctrlKey || event.metaKey) return;
      const step = 80;
      const actions = {
        ArrowLeft: () => this.move(step, 0), ArrowRight: () => this.move(-step, 0),
        ArrowUp: () => this.move(0, step), ArrowDown: () => this.move(0, -step),
        "+": () => this.command("in"), "=": () => this.command("in"), "-": () => this.command("out"),
        "0": () => this.command("fit"), c: () => this.command("changes"), Escape: () => this.close(true),
        Enter: () => { const card = event.target.closest(".at"); if (card) this.choose(card.dataset.table, { bring: false }); },
      };
      if (!actions[event.key]) return;
      event.preventDefault();
      this.travelled = 0;
      actions[event.key]();
    }

    // A table that the keyboard reaches is brought into view; the browser itself must not scroll the stage.
    focused(event) {
      this.stage.scrollTo(0, 0);
      const card = event.target.closest(".at");
      if (!card || !event.target.matches(":focus-visible")) return;
      const [one, whole] = [card.getBoundingClientRect(), this.stage.getBoundingClientRect()];
      if (card.classList.contains("away") || one.left < whole.left || one.top < whole.top || one.right > whole.right || one.bottom > whole.bottom) this.bring(card);
    }

    bring(card, scale = this.scale) {
      this.fitted = true;
      const [x, y, width, height] = this.boxes.get(card.dataset.table);
      const narrow = matchMedia("(max-width: 46rem)").matches;
      const open = this.drawer.hidden ? [0, 0] : [narrow ? 0 : this.drawer.offsetWidth, narrow ? this.drawer.offsetHeight : 0];
      this.scale = scale;
      this.x = (this.stage.clientWidth - open[0]) / 2 - (x + width / 2) * scale;
      this.y = Math.max((this.stage.clientHeight - open[1]) / 2 - (y + height / 2) * scale, 24 - y * scale);
      this.draw(true);
    }

    // -- tables

    near(table) {
      const lines = this.lines.filter((line) => line.dataset.from === table || line.dataset.to === table);
      return [lines, new Set([table, ...lines.flatMap((line) => [line.dataset.from, line.dataset.to])])];
    }

    // Under the pointer only the lines light up; what is chosen also dims all that is not near.
    hover(card) {
      this.light(this.chosen ?? card?.dataset.table);
    }

    light(table) {
      this.svg.classList.toggle("focus", Boolean(this.chosen));
      if (this.lit === table) return;
      this.lit = table;
      all(".near", this.svg).forEach((item) => item.classList.remove("near"));
      if (!table) return;
      const [lines, tables] = this.near(table);
      lines.forEach((line) => line.classList.add("near"));
      tables.forEach((name) => this.cards.get(name)?.classList.add("near"));
    }

    choose(table, { bring = true } = {}) {
      const card = this.cards.get(table);
      if (!card) return;
      this.cards.get(this.chosen)?.classList.remove("chosen");
      this.chosen = table;
      card.classList.add("chosen");
      this.light(table);
      const source = document.getElementById(card.getAttribute("href").slice(1));
      const copy = source.cloneNode(true);
      copy.removeAttribute("id");
      const content = this.drawer.querySelector(".drawer-content");
      content.replaceChildren(copy);
      this.drawer.hidden = false;
      this.drawer.scrollTo(0, 0);
      if (bring) this.bring(card, Math.max(this.scale, 0.75));
      else this.uncover(card);
    }

    close(refocus = false) {
      const card = this.cards.get(this.chosen);
      card?.classList.remove("chosen");
      this.chosen = undefined;
      this.light(undefined);
      this.drawer.hidden = true;
      if (refocus && card) card.focus({ preventScroll: true });
    }
  }

  // -- databases and their parts: the address says which is shown

  const pictures = new Map(all(".stage").map((stage) => [stage.closest(".db").id, new Picture(stage)]));
  const databases = all(".db");

  function show() {
    let target = null;
    try { target = document.getElementById(decodeURIComponent(location.hash.slice(1))); } catch { /* a broken address */ }
    const panel = target?.closest(".panel") || target?.querySelector?.(".panel") || document.querySelector(".panel");
    if (!panel) return;
    const database = panel.closest(".db");
    databases.forEach((item) => { item.hidden = item !== database; });
    all(".panel", database).forEach((item) => { item.hidden = item !== panel; });
    mark(".tabs a", (link) => link.hash === `#${panel.id}`);
    mark(".databases a", (link) => link.dataset.db === database.id);
    const picture = pictures.get(database.id);
    if (picture && !picture.fitted) picture.fit();
    if (target && target !== panel && panel.contains(target)) target.scrollIntoView();
    else scrollTo(0, 0);
  }

  const mark = (selector, current) => all(selector).forEach((link) => {
    if (current(link)) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  });

  function locate(database, table) {
    const hash = `#${database}--diagram`;
    if (location.hash !== hash) history.pushState(null, "", hash);
    show();
    pictures.get(database)?.choose(table);
  }

  addEventListener("hashchange", show);
  addEventListener("popstate", show);
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-locate]");
    if (!link) return;
    event.preventDefault();
    locate(link.closest(".db").id, link.dataset.locate);
  });

  // -- search

  const input = document.getElementById("search"), list = document.getElementById("results");
  const entries = all("article.table").flatMap((article) => {
    const database = article.closest(".db");
    const entry = (text, rank) => ({ text, rank, key: text.toLowerCase(), database: database.id, of: database.dataset.name, table: article.dataset.table });
    const { name } = article.dataset;
    return [entry(name, 0), ...all("tbody th bdi", article).map((column) => entry(`${name}.${column.textContent}`, 1))];
  });
  const MOST = 40;
  let active = -1;

  function search() {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    const hits = words.length ? entries.filter((entry) => words.every((word) => entry.key.includes(word))) : [];
    const better = (entry) => [entry.rank, entry.key === words[0] ? 0 : entry.key.startsWith(words[0]) ? 1 : 2];
    hits.sort((one, other) => {
      const [a, b] = [better(one), better(other)];
      return a[0] - b[0] || a[1] - b[1] || (one.key < other.key ? -1 : 1);
    });
    active = -1;
    list.replaceChildren(...hits.slice(0, MOST).map((hit, number) => option(hit, number)));
    if (words.length && !hits.length) list.append(remark("No table or column has this name."));
    if (hits.length > MOST) list.append(remark(`and ${hits.length - MOST} more`));
    list.hidden = !words.length;
    input.setAttribute("aria-expanded", String(!list.hidden));
    input.removeAttribute("aria-activedescendant");
    if (hits.length) activate(0);
  }

  function remark(text) {
    const item = document.createElement("li");
    item.className = "none soft";
    item.textContent = text;
    return item;
  }

  function option(hit, number) {
    const item = document.createElement("li");
    item.id = `result-${number}`;
    item.setAttribute("role", "option");
    item.textContent = databases.length > 1 ? `${hit.text} (${hit.of})` : hit.text;
    item.addEventListener("mousedown", (event) => { event.preventDefault(); pick(hit); });
    item.hit = hit;
    return item;
  }

  function activate(number) {
    const options = all('[role="option"]', list);
    if (!options.length) return;
    active = (number + options.length) % options.length;
    options.forEach((item, place) => item.setAttribute("aria-selected", String(place === active)));
    options[active].scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", options[active].id);
  }

  function pick(hit) {
    hide();
    locate(hit.database, hit.table);
  }

  function hide() {
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
  }

  input.addEventListener("input", search);
  input.addEventListener("focus", () => { if (input.value) search(); });
  input.addEventListener("blur", hide);
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown") activate(active + 1);
    else if (event.key === "ArrowUp") activate(active - 1);
    else if (event.key === "Enter") { const item = all('[role="option"]', list)[active]; if (item) pick(item.hit); }
    else if (event.key === "Escape") { if (list.hidden) input.blur(); hide(); }
    else return;
    event.preventDefault();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.target.closest("input")) return;
    event.preventDefault();
    input.focus();
    input.select();
  });

  show();
})();
