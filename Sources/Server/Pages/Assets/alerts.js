// `#/alerts`: what is routed and told. `filter`, `receiver`, `active`, `silenced`, `inhibited` and `muted` are
// Alertmanager's parameters.
import { alertmanager, serverTime } from "./api.js";
import { badge, element, keepFresh, outsideLink, problem, show } from "./dom.js";
import { annotations, hash, moment } from "./parts.js";
import { escapedExpression, matcherText, matchersOf, matchersText } from "./text.js";

const muters = [
    ["silenced", "silencedBy", "silenced"],
    ["inhibited", "inhibitedBy", "inhibited"],
    ["muted", "mutedBy", "muted by time"],
];

export function alertsPage(main, query) {
    document.title = "Alerts · Tocsin";
    const wants = (name, otherwise) => {
        const value = query.get(name);
        return value === null ? otherwise : ["true", "1", ""].includes(value);
    };
    const shown = {
        active: wants("active", true),
        silenced: wants("silenced", false),
        inhibited: wants("inhibited", false),
        muted: wants("muted", false),
    };
    const filter = element("input", {
        type: "search", name: "filter", value: query.get("filter") ?? "", autocapitalize: "off", autocomplete: "off",
        spellcheck: "false", placeholder: 'severity="critical", job=~"api.*"',
    });
    const receiver = element("select", { name: "receiver" }, element("option", { value: "" }, "all"));
    const boxes = Object.entries(shown).map(([name, checked]) =>
        element("label.check", {}, element("input", { type: "checkbox", name, checked }), name));
    const go = (changes = {}) => {
        const parameters = { filter: filter.value.trim(), receiver: receiver.value };
        for (const box of boxes) {
            const { name, checked } = box.firstChild;
            if (checked !== (name === "active")) parameters[name] = String(checked);
        }
        const next = hash("/alerts", { ...parameters, ...changes });
        if (location.hash === next) update();
        else location.hash = next;
    };
    const form = element("form.controls", { onsubmit: (event) => { event.preventDefault(); go(); }, onchange: () => go() },
        element("label.wide", {}, "Filter", filter), element("label", {}, "Receiver", receiver),
        element("fieldset", {}, element("legend", {}, "Show"), boxes));
    const count = element("p.count", { role: "status" });
    const list = element("div");
    const controls = element("details", {}, element("summary", {}, "Filter"), form);
    // On a phone the alerts come first.
    controls.open = window.matchMedia("(min-width: 40rem)").matches || filter.value !== "";
    show(main, element("h1", {}, "Alerts"), controls, count, list);

    const addMatcher = (name, value) => {
        const text = matcherText({ name, value, isRegex: false });
        const inner = filter.value.trim().replace(/^\{(.*)\}$/s, "$1").replace(/,\s*$/, "");
        if (!inner.includes(text)) go({ filter: inner === "" ? text : inner + ", " + text });
    };

    let names = null;
    let last = "";
    const update = async () => {
        try {
            names ??= (await alertmanager("receivers")).map(({ name }) => name);
            fillReceivers(receiver, names, query.get("receiver") ?? "");
            const asked = query.get("receiver") ?? "";
            const [groups, now] = await Promise.all([
                alertmanager("alerts/groups", {
                    filter: query.get("filter") ?? "",
                    // A link names a receiver; the API takes an expression.
                    receiver: names.includes(asked) ? escapedExpression(asked) : asked,
                }),
                serverTime(),
            ]);
            // Drawing anew would take the place that somebody stands at with the keyboard.
            const text = JSON.stringify(groups);
            if (text === last && list.contains(document.activeElement)) return;
            last = text;
            const visible = groups.map((group) => ({ ...group, alerts: group.alerts.filter((a) => isShown(a, shown)) }))
                .filter((group) => group.alerts.length > 0);
            show(count, countText(groups, visible, shown, go));
            show(list, merged(visible).map((group) => groupSection(group, now, addMatcher)));
        } catch (error) {
            show(count);
            show(list, problem(error));
            last = "";
        }
    };
    keepFresh(main, 15, update);
}

function fillReceivers(select, names, chosen) {
    if (select.options.length > 1) return;
    for (const name of chosen === "" || names.includes(chosen) ? names : [chosen, ...names]) {
        select.append(element("option", { value: name }, name));
    }
    select.value = chosen;
}

function mutedBy(alert) {
    return muters.filter(([, key]) => (alert.status[key] ?? []).length > 0).map(([name]) => name);
}

/// As in Alertmanager: every kind of muting that an alert is under must be wanted.
function isShown(alert, shown) {
    const muted = mutedBy(alert);
    return muted.length === 0 ? shown.active : muted.every((name) => shown[name]);
}

function distinct(groups) {
    return new Map(groups.flatMap((group) => group.alerts).map((alert) => [alert.fingerprint, alert]));
}

/// Groups of the same alerts under the same labels, which several receivers are told of, are shown once.
function merged(groups) {
    const sections = new Map();
    for (const { labels, alerts, receiver } of groups) {
        const key = JSON.stringify([labels, alerts.map((alert) => alert.fingerprint).sort()]);
        if (!sections.has(key)) sections.set(key, { labels, alerts, receivers: [] });
        sections.get(key).receivers.push(receiver.name);
    }
    return [...sections.values()];
}

function countText(groups, visible, shown, go) {
    const there = distinct(visible);
    const hidden = [...distinct(groups).values()].filter((alert) => !there.has(alert.fingerprint));
    const muted = hidden.filter((alert) => mutedBy(alert).length > 0);
    const parts = [there.size === 1 ? "1 alert" : `${there.size === 0 ? "No" : there.size} alerts`];
    if (muted.length > 0) {
        const changes = {};
        for (const name of muted.flatMap(mutedBy)) changes[name] = "true";
        parts.push(`; ${muted.length} more that are muted `,
            element("button.small", { type: "button", onclick: () => go(changes) }, "Show"));
    }
    return parts;
}

function groupSection(group, now, addMatcher) {
    const labels = Object.entries(group.labels);
    return element("section.group", {},
        element("h2", {},
            labels.length === 0 ? "Not grouped" : labels.map(([name, value]) => element("span.label", {}, `${name}="${value}"`)),
            element("span.aside", {}, "to ", group.receivers.join(", "))),
        group.alerts.map((alert) => alertArticle(alert, now, addMatcher)));
}

export function alertArticle(alert, now, addMatcher) {
    const { alertname, ...others } = alert.labels;
    const muted = mutedBy(alert);
    const tone = muted.length > 0 ? "quiet" : alert.status.state === "active" ? "bad" : "plain";
    return element("article.alert." + tone, {},
        element("h3", {}, alertname ?? "(no alertname)", " ", badge(muted.length > 0 ? muted.join(", ") : alert.status.state, tone)),
        element("p.when", {}, "started ", moment(alert.startsAt, now)),
        element("ul.labels", { "aria-label": "Labels" }, Object.entries(others).map(([name, value]) => element("li", {},
            addMatcher === null
                ? element("span.label", {}, `${name}="${value}"`)
                : element("button.label", { type: "button", title: "Filter by this label", onclick: () => addMatcher(name, value) },
                    `${name}="${value}"`)))),
        annotations(alert.annotations),
        mutingList(alert.status),
        element("p.links", {},
            alert.generatorURL ? outsideLink(alert.generatorURL, "Source") : null,
            element("a", { href: hash("/silences/new", { filter: matchersText(matchersOf(alert.labels)) }) }, "Silence")));
}

function mutingList(status) {
    const links = {
        silencedBy: (id) => element("a", { href: hash("/silences/" + encodeURIComponent(id)) }, id),
        inhibitedBy: (fingerprint) => element("code", {}, fingerprint),
        mutedBy: (name) => element("b", {}, name),
    };
    const words = { silencedBy: "Silenced by", inhibitedBy: "Inhibited by the alert", mutedBy: "Muted by the time interval" };
    return muters.map(([, key]) => (status[key] ?? []).map((id) => element("p.muting", {}, words[key], " ", links[key](id))));
}
