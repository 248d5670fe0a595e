// Elements. Whatever comes from outside becomes text or an attribute's value, never markup.

/// An element: `element("a.big", { href: "x", onclick: f }, "text", child, [more])`.
export function element(kind, attributes = {}, ...children) {
    const [name, ...classes] = kind.split(".");
    const node = document.createElement(name);
    if (classes.length > 0) node.className = classes.join(" ");
    for (const [key, value] of Object.entries(attributes)) {
        if (value === undefined || value === null || value === false) continue;
        if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
        else if (key === "value") node.value = value;
        else node.setAttribute(key, value === true ? "" : value);
    }
    append(node, children);
    return node;
}

function append(node, children) {
    for (const child of children.flat(Infinity)) {
        if (child === undefined || child === null || child === false) continue;
        node.append(child instanceof Node ? child : String(child));
    }
}

/// Puts `children` in the place of what `node` holds.
export function show(node, ...children) {
    node.replaceChildren();
    append(node, children);
}

/// A link of somebody else's making, or the bare text where it leads to no web page (`javascript:`…).
export function outsideLink(address, text = address, kind = "a") {
    let url = null;
    try {
        url = new URL(address, document.baseURI);
    } catch {
        return text;
    }
    if (url.protocol !== "http:" && url.protocol !== "https:") return text;
    return element(kind, { href: url.href, rel: "noopener noreferrer" }, text);
}

/// A text in which addresses of web pages are links; what ends a sentence is not part of them.
export function linked(text) {
    return text.split(/(https?:\/\/[^\s<>"]*[^\s<>"'.,;:!?)])/).map((part, index) =>
        index % 2 === 1 ? outsideLink(part) : part);
}

/// What went wrong, in the words of who says so.
export function problem(error) {
    return element("p.problem", { role: "alert" }, error.message ?? String(error));
}

export function badge(text, tone = "plain") {
    return element("span.badge." + tone, {}, text);
}

/// A table; a column's heading is shown beside each of its cells where there is little room.
export function table(headings, rows, kind = "table") {
    return element(kind, {},
        element("thead", {}, element("tr", {}, headings.map((text) => element("th", { scope: "col" }, text)))),
        element("tbody", {}, rows.map((cells) =>
            element("tr", {}, cells.map((cell, index) =>
                element("td", { "data-heading": headings[index] }, cell))))));
}

/// Calls `update` now and every `seconds` for as long as `node` is on the page and somebody looks.
export function keepFresh(node, seconds, update) {
    update();
    const timer = setInterval(() => {
        if (!node.isConnected) clearInterval(timer);
        else if (!document.hidden) update();
    }, seconds * 1000);
}
