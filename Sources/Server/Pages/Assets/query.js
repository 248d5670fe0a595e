// `/query` and `/graph`: expressions, as tables or graphs. `g0.expr`, `g0.tab`, … are Prometheus's names.
import { prometheus, serverTime } from "./api.js";
import { element, problem, show, table } from "./dom.js";
import { graph } from "./graph.js";
import { exactDuration, localText, parseDuration, parseQueryTime, queryTime, seriesText } from "./text.js";

/// How many panels a link may open, and how many series are asked for.
const maximumPanels = 20;
const maximumSeries = 1000;

export function queryPage(main) {
    document.title = "Query · Tocsin";
    const panels = [];
    const list = element("div");
    const remember = () => {
        const query = panels.map((panel, index) => panel.address(index)).join("&");
        history.replaceState(null, "", location.pathname + "?" + query);
    };
    const add = (parameters, index) => {
        const panel = new Panel(parameters, index, remember, () => {
            panels.splice(panels.indexOf(panel), 1);
            panel.node.remove();
            remember();
        });
        panels.push(panel);
        list.append(panel.node);
        return panel;
    };
    show(main, element("h1", {}, "Query"), list, element("p.links", {}, element("button", {
        type: "button", onclick: () => { add(new URLSearchParams(), 0).expression.focus(); },
    }, "Add a panel")));
    const open = () => {
        panels.length = 0;
        show(list);
        const parameters = new URLSearchParams(location.search);
        for (let index = 0; index === 0 || (index < maximumPanels && parameters.has(`g${index}.expr`)); index += 1) {
            const panel = add(parameters, index);
            if (panel.expression.value.trim() !== "") panel.run();
        }
    };
    window.addEventListener("popstate", open);
    open();
}

class Panel {
    constructor(parameters, index, changed, remove) {
        const given = (name) => parameters.get(`g${index}.${name}`) ?? "";
        const plain = { autocapitalize: "off", autocomplete: "off", spellcheck: "false" };
        this.changed = changed;
        this.showsGraph = ["0", "graph"].includes(given("tab"));
        this.expression = element("textarea", {
            rows: 2, "aria-label": "Expression", value: given("expr"), placeholder: "up == 0", ...plain,
            onkeydown: (event) => {
                if (event.key === "Enter" && !event.shiftKey) {
                    event.preventDefault();
                    this.run();
                }
            },
        });
        this.end = element("input", { value: given("end_input") || given("moment_input"), placeholder: "now", ...plain });
        this.range = element("input", { value: given("range_input") || "1h", ...plain });
        this.step = element("input", { value: given("step_input"), placeholder: "auto", ...plain });
        this.tabs = ["Table", "Graph"].map((name) => element("button", {
            type: "button", onclick: () => { this.showsGraph = name === "Graph"; this.run(); },
        }, name));
        this.graphOnly = [element("label", {}, "Range", this.range), element("label", {}, "Step", this.step)];
        this.output = element("div.output", { "aria-live": "polite" });
        this.node = element("section.panel", {},
            element("form", { onsubmit: (event) => { event.preventDefault(); this.run(); } }, this.expression,
                element("div.controls", {},
                    element("span.tabs", { role: "group", "aria-label": "Shown as" }, this.tabs),
                    this.graphOnly, element("label", {}, "At (UTC)", this.end),
                    element("button.primary", {}, "Execute"),
                    element("button", { type: "button", onclick: remove, "aria-label": "Remove this panel" }, "×"))),
            this.output);
        this.markTab();
    }

    address(index) {
        const query = new URLSearchParams();
        const values = {
            expr: this.expression.value, tab: this.showsGraph ? "0" : "1", range_input: this.range.value,
            end_input: this.end.value, step_input: this.step.value,
        };
        for (const [name, value] of Object.entries(values)) if (value || name === "expr") query.set(`g${index}.${name}`, value);
        return query.toString();
    }

    markTab() {
        this.tabs.forEach((tab, index) => tab.setAttribute("aria-pressed", String((index === 1) === this.showsGraph)));
        for (const label of this.graphOnly) label.hidden = !this.showsGraph;
    }

    async run() {
        this.markTab();
        this.changed();
        const run = (this.latest = Symbol("run"));
        const query = this.expression.value;
        if (query.trim() === "") return show(this.output);
        this.output.setAttribute("aria-busy", "true");
        let content;
        try {
            content = this.showsGraph ? await this.graph(query) : await this.table(query);
        } catch (error) {
            content = [problem(error)];
        }
        if (run !== this.latest) return;
        this.output.removeAttribute("aria-busy");
        show(this.output, content);
    }

    /// The moment that is asked for, in milliseconds.
    async moment() {
        if (this.end.value.trim() === "") return serverTime();
        const time = parseQueryTime(this.end.value);
        if (time === null) throw new Error(`${this.end.value}: a moment like ${queryTime(Date.now())} was expected`);
        return time;
    }

    async table(query) {
        const time = (await this.moment()) / 1000;
        const { data, notes } = await prometheus("query", { query, time, limit: maximumSeries });
        return [noteList(notes), resultTable(data)];
    }

    async graph(query) {
        const end = Math.floor((await this.moment()) / 1000);
        const range = parseDuration(this.range.value);
        if (!(range > 0)) throw new Error(`${this.range.value}: a range like 1h30m was expected`);
        const given = this.step.value.trim();
        const step = given === "" ? Math.max(Math.ceil(range / 250_000), 1)
            : (parseDuration(given) ?? Number(given) * 1000) / 1000;
        if (!(step > 0)) throw new Error(`${given}: a step like 15s was expected`);
        const start = end - range / 1000;
        const { data, notes } = await prometheus("query_range", { query, start, end, step, limit: maximumSeries });
        return [noteList(notes), data.result.length === 0
            ? element("p.count", {}, "The result is empty.")
            : graph(data.result, { start, end, step }),
        element("p.count", {}, `${data.result.length} series, a point every ${exactDuration(step * 1000)}`)];
    }
}

function noteList(notes) {
    return notes.map((text) => element("p.notice", {}, text));
}

function resultTable({ resultType, result }) {
    if (resultType === "scalar" || resultType === "string") {
        return table(["Type", "Value"], [[resultType, result[1]]]);
    }
    if (result.length === 0) return element("p.count", {}, "The result is empty.");
    if (resultType === "matrix") {
        return table(["Series", "Values"], result.map((series) => [
            element("code", {}, seriesText(series.metric)),
            [...(series.values ?? []), ...(series.histograms ?? [])].map(([time, value]) =>
                element("div.value", {}, `${valueText(value)} at ${localText(time * 1000)}`)),
        ]));
    }
    return [table(["Series", "Value"], result.map((series) => [
        element("code", {}, seriesText(series.metric)),
        element("span.value", {}, valueText((series.value ?? series.histogram)[1])),
    ])), element("p.count", {}, result.length === 1 ? "1 series" : `${result.length} series`)];
}

/// A number as it came, or a histogram in short.
function valueText(value) {
    if (typeof value === "string") return value;
    // A bucket's first number says which of its bounds belong to it.
    const buckets = (value.buckets ?? []).map(([bounds, low, high, count]) =>
        `${"([(["[bounds]}${low}, ${high}${"]))]"[bounds]}: ${count}`);
    return [`count ${value.count}`, `sum ${value.sum}`, ...buckets].join("; ");
}
