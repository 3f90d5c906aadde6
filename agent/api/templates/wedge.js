"use strict";
// Reads a scanner that types as a keyboard, where no program can keep its keys to itself: on Windows, or without the
// right to. It reads which key was pressed (KeyboardEvent.code), never what the host's layout makes of it, and tells a
// scan from typing by its speed. What a person types goes where it belongs; a scan goes nowhere but to the till.
// The same keyboard in Python: drivers/scanners/sources/keys.py; what a silence in mid scan means: drivers/scanners/framing.py.
(() => {
  const FASTER_THAN_MS = 30, LEAST_CHARACTERS = 4, SILENCE_MS = 200, HOLD_MS = 60, STALL_MS = 1000, REFRESH_MS = 15000;
  const US = {
    Backquote: "`~", Minus: "-_", Equal: "=+", BracketLeft: "[{", BracketRight: "]}", Backslash: "\\|",
    Semicolon: ";:", Quote: "'\"", Comma: ",<", Period: ".>", Slash: "/?", Space: "  ", IntlBackslash: "<>",
    NumpadDivide: "//", NumpadMultiply: "**", NumpadSubtract: "--", NumpadAdd: "++", NumpadDecimal: "..",
    NumpadEqual: "==", NumpadComma: ",,",
  };
  for (const [place, shifted] of [...")!@#$%^&*("].entries()) {
    US[`Digit${place}`] = `${place}${shifted}`;
    US[`Numpad${place}`] = `${place}${place}`;
  }
  for (const letter of "ABCDEFGHIJKLMNOPQRSTUVWXYZ") US[`Key${letter}`] = letter.toLowerCase() + letter;
  const ENDS = new Set(["Enter", "NumpadEnter", "Tab"]);
  const MODIFIERS = /^(Shift|Control|Alt|Meta)(Left|Right)$|^(CapsLock|NumLock)$/;
  const CONTROLS = "@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_", FNC1 = 29, CONTROL_PLAIN = { 2: "@", 6: "^", "-": "_" };

  let characters = [];  // what a scanner means, and what the host's layout types, of each key that is not yet judged
  let strokes = 0, firstAt = 0, lastAt = 0, target = null, timer = 0, number = "";
  let typingUntil = 0;  // what follows a person's key without a silence may be the rest of a scan: it is no scan
  let deafSince = performance.now();  // a scan that began before we listened is no scan: deaf until a silence; NaN: not

  let endsWithKey = false;  // the last scan ended with Enter or Tab: silence in the next one is a stall
  let rest = false;  // a scan stalled: what follows, up to Enter or Tab, is its rest and no scan
  let pausedAt = -Infinity;  // when the last key before a silence that ended or cut a scan was pressed

  const isFast = () => firstAt >= typingUntil && (lastAt - firstAt) / Math.max(1, strokes - 1) < FASTER_THAN_MS;
  const isScan = () => characters.length >= LEAST_CHARACTERS && isFast();
  const follows = () => (strokes ? firstAt : performance.now()) - pausedAt < STALL_MS;
  const isRest = () => rest && follows() && isFast();

  function forget() {
    clearTimeout(timer);
    characters.fill(null);
    characters = [];
    strokes = 0;
    number = "";
  }

  function isDeaf(at) {
    if (at - deafSince < SILENCE_MS) deafSince = at;
    else deafSince = NaN;
    return !Number.isNaN(deafSince);
  }

  function editable(element) {
    if (!(element instanceof HTMLElement)) return null;
    return element.isContentEditable || element.matches("input:not([readonly]), textarea:not([readonly])") ? element : null;
  }

  // It was a person: what was held back is typed where it would have gone.
  function giveBack() {
    if (strokes) typingUntil = lastAt + SILENCE_MS;
    const typed = characters.filter((one) => one.held).map((one) => one.typed).join("");
    const field = target;
    forget();
    if (!typed || !field) return;
    if (document.activeElement === field && document.execCommand("insertText", false, typed)) return;
    if ("value" in field) field.value += typed;
    else field.append(typed);
    field.dispatchEvent(new InputEvent("input", { bubbles: true, data: typed, inputType: "insertText" }));
  }

  function take(character, event, hold) {
    if (!strokes) {
      firstAt = event.timeStamp;
      target = editable(document.activeElement);
    }
    strokes += 1;
    lastAt = event.timeStamp;
    clearTimeout(timer);
    timer = setTimeout(judge, HOLD_MS);
    if (!character) return;
    const held = hold && (target !== null || strokes > 1);
    if (held) event.preventDefault();
    characters.push({ character, typed: event.key.length === 1 && !event.ctrlKey ? event.key : "", held: held && target !== null });
  }

  function judge() {
    const silent = performance.now() - lastAt;
    if (!isScan() && !isRest()) giveBack();
    else if (silent >= SILENCE_MS) endBySilence();
    else timer = setTimeout(judge, SILENCE_MS - silent);
  }

  function endBySilence() {
    rest = endsWithKey || isRest();
    pausedAt = lastAt;
    endsWithKey = false;
    if (rest) forget();
    else finish();
  }

  function endByKey(event) {
    const broken = rest || follows(), ours = isScan() || (broken && follows() && isFast());
    rest = false;
    pausedAt = -Infinity;
    if (!ours) return giveBack();
    event.preventDefault();
    event.stopImmediatePropagation();
    endsWithKey = true;
    if (broken) forget();
    else finish();
  }

  function finish() {
    let scan = characters.map((one) => one.character).join("");
    forget();
    if (/[\x80-\xff]/.test(scan)) {  // numbers typed with Alt are bytes
      try {
        scan = new TextDecoder("utf-8", { fatal: true }).decode(Uint8Array.from(scan, (one) => one.charCodeAt(0)));
      } catch { /* they are Latin-1, then */ }
    }
    ask(scan);
  }

  // The character of a key on a US keyboard; null for a key or a chord that is a person's.
  function characterOf(event) {
    const pair = US[event.code];
    if (!pair || event.metaKey || event.altKey || event.getModifierState("AltGraph")) return null;
    const character = pair[event.shiftKey ? 1 : 0];
    if (!event.ctrlKey) return character;
    const place = CONTROLS.indexOf(CONTROL_PLAIN[character] ?? character.toUpperCase());
    return (strokes && place >= 0) || place === FNC1 ? String.fromCharCode(place) : null;
  }

  document.addEventListener("keydown", (event) => {
    if (isDeaf(event.timeStamp) || MODIFIERS.test(event.code)) return;
    if (strokes && event.timeStamp - lastAt > HOLD_MS && !isScan() && !isRest()) giveBack();
    if (event.repeat) return giveBack();
    if (ENDS.has(event.code) && !event.ctrlKey && !event.altKey && !event.metaKey) {
      return endByKey(event);
    }
    if (event.altKey && !event.ctrlKey && /^Numpad[0-9]$/.test(event.code)) {
      if (number.length < 5) number += event.code.slice(-1);
      return take("", event, false);
    }
    const character = characterOf(event);
    if (character === null) return giveBack();
    take(character, event, true);
  }, true);

  document.addEventListener("keyup", (event) => {
    if (!event.code.startsWith("Alt") || !number) return;
    const character = String.fromCharCode(Number(number) & 255);
    number = "";
    take(character, event, false);
  }, true);

  window.addEventListener("blur", () => {
    giveBack();
    deafSince = performance.now();
  });

  async function ask(scan) {
    let told = {};
    try {
      const answer = await fetch("/v1/inquire", {
        method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ scan }),
      });
      told = await answer.json();
    } catch { /* the till does not answer, and its own words for that stand in the page */ }
    show(told);
  }

  function show(told) {
    const place = document.getElementById("scanned"), words = JSON.parse(place.dataset.words);
    const rows = Object.entries(told.balances ?? {}).map(([unit, amount]) => row(words, unit, amount));
    const line = document.createElement("p");
    line.className = "mode";
    line.textContent = told.text ?? [told.nickname, words.tiers[told.tier] ?? told.tier].filter(Boolean).join(" · ");
    if (!("card" in told) && !told.text) line.textContent = words.fault;
    else if (told.may_enrol) line.textContent = words.new;
    place.classList.toggle("warn", !told.member);
    place.replaceChildren(line, ...rows);
    place.hidden = false;
  }

  function row(words, unit, amount) {
    const { name, scale } = words.units[unit] ?? { name: unit, scale: 0 };
    const digits = { minimumFractionDigits: scale, maximumFractionDigits: scale };
    const shown = new Intl.NumberFormat(document.documentElement.lang, digits).format(amount / 10 ** scale);
    const line = document.createElement("p");
    line.textContent = `${words.balance}${name ? ` (${name})` : ""}: ${shown}`;
    return line;
  }

  // The page is renewed in place: one that is loaded again would lose the scan that is being typed meanwhile.
  let shownNews = "";
  async function renew() {
    try {
      const answer = await fetch("/");
      if (!answer.ok) throw new Error(String(answer.status));
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("news");
      document.body.classList.remove("away");
      if (fresh.innerHTML === shownNews) return;
      shownNews = fresh.innerHTML;
      const news = document.getElementById("news");
      const open = new Map([...news.querySelectorAll("details")].map((one) => [one.dataset.entry, one.open]));
      for (const one of fresh.querySelectorAll("details")) one.open = open.get(one.dataset.entry) ?? one.open;
      news.replaceWith(fresh);
    } catch {
      document.body.classList.add("away");
    }
  }
  setInterval(renew, REFRESH_MS);
})();
