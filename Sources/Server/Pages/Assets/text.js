// Matchers, durations and moments, read and written.

/// The matchers of `{a="b", c=~"d"}`, with or without braces. Throws where it is none.
export function parseMatchers(text) {
    let rest = text.trim();
    if (rest.startsWith("{")) {
        if (!rest.endsWith("}")) throw new Error(`${text}: } is missing at the end`);
        rest = rest.slice(1, -1);
    }
    const matchers = [];
    rest = rest.trim();
    while (rest !== "") {
        const name = /^("(?:[^"\\]|\\.)*"|[^\s=!~,{}"]+)\s*(=~|!~|!=|=)\s*/.exec(rest);
        if (name === null) throw new Error(`${rest}: a matcher like name="value" was expected`);
        rest = rest.slice(name[0].length);
        const value = /^("(?:[^"\\]|\\.)*"|[^,"]*)\s*(,|$)\s*/s.exec(rest);
        if (value === null) throw new Error(`${rest}: a value, then a comma or the end was expected`);
        rest = rest.slice(value[0].length);
        matchers.push({
            name: unquoted(name[1]),
            value: unquoted(value[1].trim()),
            isRegex: name[2].endsWith("~"),
            isEqual: name[2].startsWith("="),
        });
    }
    return matchers;
}

/// `{a="b", c=~"d"}`.
export function matchersText(matchers) {
    return "{" + matchers.map(matcherText).join(", ") + "}";
}

export function matcherText(matcher) {
    const isPlain = /^[a-zA-Z_][a-zA-Z0-9_]*$/.test(matcher.name);
    return (isPlain ? matcher.name : quoted(matcher.name)) + operator(matcher) + quoted(matcher.value);
}

export const operators = ["=", "!=", "=~", "!~"];

export function operator({ isRegex, isEqual = true }) {
    return (isEqual ? "=" : "!") + (isRegex ? "~" : isEqual ? "" : "=");
}

/// Matchers for exactly these labels.
export function matchersOf(labels) {
    return Object.entries(labels).map(([name, value]) => ({ name, value, isRegex: false, isEqual: true }));
}

/// A series as PromQL writes it.
export function seriesText({ __name__: name, ...labels }) {
    const inner = matchersOf(labels).map(matcherText).join(", ");
    if (name !== undefined && !/^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(name)) {
        return "{" + quoted(name) + (inner && ", " + inner) + "}";
    }
    return (name ?? "") + (inner || name === undefined ? "{" + inner + "}" : "");
}

function quoted(text) {
    return '"' + text.replace(/[\\"]/g, "\\$&").replace(/\n/g, "\\n") + '"';
}

function unquoted(text) {
    if (!text.startsWith('"')) return text;
    return text.slice(1, -1).replace(/\\(.)/gs, (_, escaped) => (escaped === "n" ? "\n" : escaped));
}

/// An expression that matches just this text.
export function escapedExpression(text) {
    return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

const units = { y: 31_536_000_000, w: 604_800_000, d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000, ms: 1 };

/// The milliseconds of `1h30m`, or null.
export function parseDuration(text) {
    const parts = text.trim().match(/^(?:\d+(?:ms|[ywdhms]))+$/)?.[0].match(/\d+[a-z]+/g);
    if (!parts) return null;
    let sum = 0;
    for (const part of parts) sum += parseInt(part, 10) * units[part.replace(/\d+/, "")];
    return sum;
}

/// The two largest units of a duration.
export function durationText(milliseconds) {
    let rest = Math.round(milliseconds / 1000) * 1000;
    const parts = [];
    for (const unit of ["d", "h", "m", "s"]) {
        const count = Math.floor(rest / units[unit]);
        rest -= count * units[unit];
        if (count > 0) parts.push(count + unit);
        else if (parts.length > 0) break;
        if (parts.length === 2) break;
    }
    return parts.join(" ") || "0s";
}

/// A duration as `parseDuration` reads it, exactly.
export function exactDuration(milliseconds) {
    let rest = milliseconds;
    let text = "";
    for (const unit of ["d", "h", "m", "s"]) {
        const count = Math.floor(rest / units[unit]);
        rest -= count * units[unit];
        if (count > 0) text += count + unit;
    }
    return text || "0s";
}

/// "5m ago", "in 2h".
export function relative(moment, now) {
    const distance = now - moment;
    if (Math.abs(distance) < 1000) return "now";
    return distance > 0 ? durationText(distance) + " ago" : "in " + durationText(-distance);
}

/// A moment in the reader's own time zone.
export function localText(moment) {
    const date = new Date(moment);
    if (Number.isNaN(date.getTime())) return "";
    return date.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "medium" });
}

/// A moment in UTC as links to the query page write it.
export function queryTime(moment) {
    return new Date(moment).toISOString().slice(0, 19).replace("T", " ");
}

/// What `queryTime` wrote, or anything that a date can be read from; null where it cannot.
export function parseQueryTime(text) {
    const trimmed = text.trim();
    if (/^\d+(\.\d+)?$/.test(trimmed)) return Number(trimmed) * 1000;
    const iso = trimmed.replace(" ", "T");
    const time = Date.parse(/(Z|[+-]\d\d:?\d\d)$/.test(iso) || !iso.includes("T") ? iso : iso + "Z");
    return Number.isNaN(time) ? null : time;
}
