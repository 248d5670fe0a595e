// `/alerts`, `/rules` and `/targets`: what the rules and the scrapes are at.
import { prometheus, serverTime } from "./api.js";
import { badge, element, keepFresh, outsideLink, problem, show, table } from "./dom.js";
import { annotations, facts, matcherList, moment } from "./parts.js";
import { durationText, matchersOf } from "./text.js";

/// A page that asks `path` again and again, and shows what `draw` makes of the answer.
function freshPage(main, title, path, parameters, draw, controls = null) {
    return freshPageOf(main, title, async () => (await prometheus(path, parameters)).data, draw, controls);
}

/// The same of whatever `ask` brings.
export function freshPageOf(main, title, ask, draw, controls = null) {
    document.title = title + " · Tocsin";
    const content = element("div");
    show(main, element("h1", {}, title), controls, content);
    let last = "";
    const update = async (isForced) => {
        try {
            const [data, now] = await Promise.all([ask(), serverTime()]);
            const text = JSON.stringify(data);
            if (!isForced && text === last) return;
            last = text;
            // What was folded open stays so.
            const opened = new Set([...content.querySelectorAll("details[open]")].map((node) => node.id));
            const focused = content.contains(document.activeElement) ? document.activeElement.closest("[id]")?.id : null;
            show(content, draw(data, now));
            for (const node of content.querySelectorAll("details")) if (opened.has(node.id)) node.open = true;
            if (focused) document.getElementById(focused)?.querySelector("summary, a")?.focus();
        } catch (error) {
            show(content, problem(error));
            last = "";
        }
    };
    keepFresh(main, 15, () => update(false));
    return () => update(true);
}

const tones = { firing: "bad", pending: "warn", inactive: "good", ok: "good", up: "good", down: "bad", err: "bad" };

function stateBadge(state) {
    return badge(state, tones[state] ?? "plain");
}

function queryLink(expression, text = expression) {
    const query = new URLSearchParams({ "g0.expr": expression, "g0.tab": "1" });
    return element("a", { href: "query?" + query }, text);
}

export function labelList(labels) {
    return matcherList(matchersOf(labels), "Labels");
}

export function since(text, now) {
    return text.startsWith("0001-") ? "never" : moment(text, now);
}

// MARK: Rules

export function alertRulesPage(main) {
    const boxes = ["firing", "pending", "inactive"].map((name) => element("input", { type: "checkbox", name, checked: true }));
    const labels = boxes.map((box) => element("label.check", {}, box, box.name));
    const controls = element("form.controls", { onchange: () => redraw() },
        element("fieldset", {}, element("legend", {}, "Show"), labels));
    const redraw = freshPage(main, "Alert rules", "rules", { type: "alert" }, ({ groups }, now) => {
        const rules = groups.flatMap((group) => group.rules.map((rule, index) => ({ group, rule, index })));
        boxes.forEach((box, index) => {
            const count = rules.filter(({ rule }) => rule.state === box.name).length;
            show(labels[index], box, `${box.name} (${count})`);
        });
        const order = ["firing", "pending", "inactive"];
        const shown = rules.filter(({ rule }) => boxes.find((box) => box.name === rule.state)?.checked ?? true)
            .sort((a, b) => order.indexOf(a.rule.state) - order.indexOf(b.rule.state));
        if (shown.length === 0) return element("p.count", {}, "No alert rules.");
        return shown.map(({ group, rule, index }) => alertRule(group, rule, index, now));
    }, controls);
}

function alertRule(group, rule, index, now) {
    const details = element("details.rule", { id: `rule ${group.file} ${group.name} ${index}` },
        element("summary", {}, element("b", {}, rule.name), " ", stateBadge(rule.state),
            rule.alerts.length > 0 && ` ${rule.alerts.length === 1 ? "1 alert" : rule.alerts.length + " alerts"}`,
            rule.lastError && [" ", badge("error", "bad")]),
        ruleFacts(group, rule),
        rule.alerts.length > 0 && table(["Labels", "State", "Active", "Value"], rule.alerts.map((alert) => [
            [labelList(alert.labels), annotations(alert.annotations)], stateBadge(alert.state),
            since(alert.activeAt, now), alert.value,
        ])));
    details.open = rule.state === "firing";
    return details;
}

function ruleFacts(group, rule) {
    const seconds = (name, value) => (value > 0 ? [name, durationText(value * 1000)] : null);
    return [
        rule.lastError && problem(rule.lastError),
        facts([
            ["Expression", queryLink(rule.query, element("code", {}, rule.query))],
            seconds("For", rule.duration), seconds("Keep firing for", rule.keepFiringFor),
            Object.keys(rule.labels ?? {}).length > 0 ? ["Labels", labelList(rule.labels)] : null,
            ["Group", `${group.name} in ${group.file}`],
        ]),
        annotations(rule.annotations ?? {}),
    ];
}

export function rulesPage(main) {
    freshPage(main, "Rules", "rules", { exclude_alerts: "true" }, ({ groups }, now) => {
        if (groups.length === 0) return element("p.count", {}, "No rules are loaded.");
        return groups.map((group) => element("section.group", { id: `group ${group.file} ${group.name}` },
            element("h2", {}, group.name, element("span.aside", {},
                `${group.file}, every ${durationText(group.interval * 1000)}, last `, since(group.lastEvaluation, now))),
            table(["Rule", "State", "Took"], group.rules.map((rule) => [
                [
                    rule.type === "alerting" ? "alert: " : "record: ",
                    rule.type === "alerting" ? element("b", {}, rule.name) : queryLink(rule.name),
                    element("div", {}, queryLink(rule.query, element("code", {}, rule.query))),
                    rule.lastError && problem(rule.lastError),
                ],
                [rule.state && [stateBadge(rule.state), " "], stateBadge(rule.health)],
                secondsText(rule.evaluationTime),
            ]))));
    });
}

function secondsText(seconds) {
    if (seconds < 0.0001) return "under 0.1 ms";
    return seconds < 1 ? `${(seconds * 1000).toFixed(1)} ms` : `${seconds.toFixed(2)} s`;
}

// MARK: Targets

export function targetsPage(main) {
    freshPage(main, "Targets", "targets", {}, ({ activeTargets, droppedTargetCounts }, now) => {
        const pools = new Map(Object.keys(droppedTargetCounts ?? {}).map((name) => [name, []]));
        for (const target of activeTargets) {
            if (!pools.has(target.scrapePool)) pools.set(target.scrapePool, []);
            pools.get(target.scrapePool).push(target);
        }
        if (pools.size === 0) return element("p.count", {}, "Nothing is scraped.");
        return [...pools].map(([name, targets]) => {
            const up = targets.filter((target) => target.health === "up").length;
            const dropped = droppedTargetCounts?.[name] ?? 0;
            return element("section.group", { id: "pool " + name },
                element("h2", {}, name, " ", badge(`${up}/${targets.length} up`, up === targets.length ? "good" : "bad"),
                    dropped > 0 && element("span.aside", {}, `${dropped} dropped by relabelling`)),
                targets.length > 0 && table(["Endpoint", "State", "Labels", "Last scrape"],
                    targets.toSorted((a, b) => (a.health === "up") - (b.health === "up")).map((target) => [
                        outsideLink(target.globalUrl, target.scrapeUrl), stateBadge(target.health), labelList(target.labels),
                        [
                            since(target.lastScrape, now), ` in ${secondsText(target.lastScrapeDuration)}`,
                            target.lastError && problem(target.lastError),
                        ],
                    ])));
        });
    });
}
