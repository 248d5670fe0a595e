// `#/silences/new?filter={…}&comment=…` and `#/silences/ID/edit`.
import { alertmanager, serverTime } from "./api.js";
import { element, problem, show } from "./dom.js";
import {
    exactDuration, matchersText, operator, operators, parseDuration, parseMatchers,
} from "./text.js";

const authorKey = "tocsin.author";

export async function silenceFormPage(main, query, id) {
    const title = id === null ? "New silence" : "Edit silence";
    document.title = title + " · Tocsin";
    const outcome = element("div");
    let silence = { matchers: [], comment: query.get("comment") ?? "", createdBy: author() };
    try {
        if (id !== null) silence = await alertmanager("silence/" + encodeURIComponent(id));
        else silence.matchers = parseMatchers(query.get("filter") ?? "");
    } catch (error) {
        show(outcome, problem(error));
    }
    const now = await serverTime().catch(() => Date.now());
    const matchers = matcherRows(silence.matchers, () => preview());
    const times = timeFields(silence, now);
    const createdBy = element("input", { name: "createdBy", required: true, autocomplete: "username", value: silence.createdBy });
    const comment = element("textarea", { name: "comment", required: true, rows: 2, value: silence.comment });
    const affected = element("p.count", { role: "status" });
    const submit = element("button.primary", {}, id === null ? "Silence" : "Save");

    const preview = later(async () => {
        const list = matchers.read();
        if (list.length === 0) return show(affected);
        try {
            const alerts = await alertmanager("alerts", { filter: matchersText(list) });
            const names = [...new Set(alerts.map((alert) => alert.labels.alertname ?? "(no alertname)"))];
            show(affected, alerts.length === 0 ? "No alert matches now."
                : `${alerts.length === 1 ? "1 alert matches" : alerts.length + " alerts match"} now: ${names.join(", ")}`);
        } catch (error) {
            show(affected, error.message);
        }
    });

    const send = async (event) => {
        event.preventDefault();
        submit.disabled = true;
        try {
            const { startsAt, endsAt } = await times.read();
            remember(createdBy.value);
            const { silenceID } = await alertmanager("silences", {}, "POST", {
                ...(id === null ? {} : { id, annotations: silence.annotations }),
                matchers: matchers.read(), startsAt, endsAt, createdBy: createdBy.value, comment: comment.value,
            });
            location.hash = "#/silences/" + encodeURIComponent(silenceID);
        } catch (error) {
            show(outcome, problem(error));
        } finally {
            submit.disabled = false;
        }
    };
    show(main, element("h1", {}, title),
        element("form.silence", { onsubmit: send },
            element("fieldset", {}, element("legend", {}, "Alerts with all of these labels"), matchers.nodes), affected,
            times.nodes, element("label", {}, "Creator", createdBy), element("label", {}, "Comment", comment),
            outcome, element("p.links", {}, submit, element("a.button", { href: "#/silences" }, "Cancel"))));
    preview();
}

/// Rows of name, operator and value.
function matcherRows(initial, changed) {
    const rows = element("div", { oninput: changed });
    const plain = { autocapitalize: "off", autocomplete: "off", spellcheck: "false" };
    const add = (matcher) => {
        const row = element("div.matcher", {},
            element("input", { "aria-label": "Label", placeholder: "label", value: matcher.name, ...plain }),
            element("select", { "aria-label": "Operator" }, operators.map((text) =>
                element("option", { selected: text === operator(matcher) }, text))),
            element("input", { "aria-label": "Value", placeholder: "value", value: matcher.value, ...plain }),
            element("button", { type: "button", "aria-label": "Remove this label", onclick: () => { row.remove(); changed(); } }, "×"));
        rows.append(row);
        return row;
    };
    const empty = { name: "", value: "", isRegex: false, isEqual: true };
    for (const matcher of initial.length > 0 ? initial : [empty]) add(matcher);
    const more = element("button.small", { type: "button", onclick: () => add(empty).firstChild.focus() }, "Add a label");
    const read = () => [...rows.children].map((row) => {
        const [name, kind, value] = [...row.children].map((field) => field.value);
        return { name, value, isRegex: kind.endsWith("~"), isEqual: kind.startsWith("=") };
    }).filter((matcher) => matcher.name !== "" || matcher.value !== "");
    return { nodes: [rows, more], read };
}

/// Start, duration and end, the last two of which follow each other.
function timeFields(silence, now) {
    const start = element("input", { type: "datetime-local", step: 1 });
    const duration = element("input", { value: "2h", autocapitalize: "off", autocomplete: "off", list: "durations" });
    const end = element("input", { type: "datetime-local", step: 1 });
    const isNew = silence.endsAt === undefined;
    const begin = () => (start.value === "" ? now : Date.parse(start.value));
    const setEnd = () => {
        const length = parseDuration(duration.value);
        duration.setCustomValidity(length > 0 ? "" : "A duration like 2h30m was expected");
        if (length > 0) end.value = fieldTime(begin() + length);
    };
    const setDuration = () => {
        const length = Date.parse(end.value) - begin();
        if (length > 0) duration.value = exactDuration(Math.floor(length / 1000) * 1000);
        duration.setCustomValidity("");
    };
    // The duration of a silence that begins now counts from when it is sent.
    let countsFromNow = isNew;
    if (isNew) {
        setEnd();
    } else {
        start.value = fieldTime(Date.parse(silence.startsAt));
        end.value = fieldTime(Date.parse(silence.endsAt));
        setDuration();
    }
    // What is left alone keeps its milliseconds: a silence with another start is another silence.
    const old = new Map(isNew ? [] : [[start.value, silence.startsAt], [end.value, silence.endsAt]]);
    const moment = (field) => Date.parse(old.get(field.value) ?? field.value);
    start.addEventListener("input", () => { countsFromNow = start.value === ""; setEnd(); });
    duration.addEventListener("input", () => { countsFromNow = start.value === ""; setEnd(); });
    end.addEventListener("input", () => { countsFromNow = false; setDuration(); });
    const read = async () => {
        const present = await serverTime();
        const startsAt = start.value === "" ? present : moment(start);
        const endsAt = countsFromNow ? startsAt + parseDuration(duration.value) : moment(end);
        if (Number.isNaN(endsAt)) throw new Error("The end is missing.");
        return { startsAt: new Date(startsAt).toISOString(), endsAt: new Date(endsAt).toISOString() };
    };
    const choices = element("datalist", { id: "durations" },
        ["30m", "1h", "2h", "4h", "8h", "1d", "3d", "1w"].map((value) => element("option", { value })));
    const nodes = element("div.times", {}, element("label", {}, "Starts (now where empty)", start),
        element("label", {}, "Duration", duration), element("label", {}, "Ends", end), choices);
    return { nodes, read };
}

/// A moment as a field for local times takes it.
function fieldTime(moment) {
    const shifted = new Date(moment - new Date(moment).getTimezoneOffset() * 60_000);
    return shifted.toISOString().slice(0, 19);
}

/// `body`, once nothing has called for it for a moment.
function later(body) {
    let timer = 0;
    return () => {
        clearTimeout(timer);
        timer = setTimeout(body, 300);
    };
}

// A browser may keep nothing for us.
function author() {
    try {
        return localStorage.getItem(authorKey) ?? "";
    } catch {
        return "";
    }
}

function remember(name) {
    try {
        localStorage.setItem(authorKey, name);
    } catch {
        // Then it is typed again.
    }
}
