// What several pages show.
import { element, linked } from "./dom.js";
import { localText, matcherText, relative } from "./text.js";

/// The address of a page of `/`.
export function hash(path, parameters = {}) {
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(parameters)) if (value) query.set(name, value);
    const text = query.toString();
    return "#" + path + (text && "?" + text);
}

/// A moment: how far away it is, and when.
export function moment(text, now) {
    const time = Date.parse(text);
    return element("time", { datetime: text, title: new Date(time).toUTCString() },
        `${relative(time, now)} (${localText(time)})`);
}

export function matcherList(matchers, title) {
    return element("ul.labels", { "aria-label": title },
        matchers.map((matcher) => element("li", {}, element("span.label", {}, matcherText(matcher)))));
}

export function annotations(values) {
    const pairs = Object.entries(values);
    if (pairs.length === 0) return null;
    return element("dl.annotations", {}, pairs.map(([name, value]) => [element("dt", {}, name), element("dd", {}, linked(value))]));
}

/// Names and what is said of them; those that are null are left out.
export function facts(pairs) {
    return element("dl.facts", {}, pairs.filter(Boolean).map(([name, value]) => [element("dt", {}, name), element("dd", {}, value)]));
}
