// `/service-discovery`: what the sources of targets found, and what relabelling made of it.
import { prometheus } from "./api.js";
import { badge, element, problem, show, table } from "./dom.js";
import { freshPageOf, labelList, since } from "./prometheus.js";

const tones = { ok: "good", waiting: "warn", failing: "bad", ended: "bad" };

export function discoveryPage(main) {
    const address = new URL(location.href);
    const choice = element("select", { name: "scrapePool" });
    choice.addEventListener("change", () => {
        if (choice.value) address.searchParams.set("scrapePool", choice.value);
        else address.searchParams.delete("scrapePool");
        history.replaceState(null, "", address);
        redraw();
    });
    const controls = element("form.controls", {}, element("label", {}, "Job", choice));
    const ask = async () => {
        const scrapePool = address.searchParams.get("scrapePool") ?? "";
        const [pools, discovery, targets] = await Promise.all([
            prometheus("scrape_pools"),
            prometheus("tocsin/discovery", { scrapePool }),
            prometheus("targets", { scrapePool, state: "active" }),
        ]);
        return { scrapePool, pools: pools.data.scrapePools, ...discovery.data, active: targets.data.activeTargets };
    };
    const redraw = freshPageOf(main, "Service discovery", ask, (data, now) => {
        show(choice, ["", ...data.pools].map((name) =>
            element("option", { value: name, selected: name === data.scrapePool }, name || "all")));
        const sections = data.jobs.map((job) => jobSection(job, data.active, now));
        if (data.alertmanagers.length > 0 && !data.scrapePool) {
            sections.push(element("section.group", { id: "alertmanagers" },
                element("h2", {}, "Alertmanagers"), sourceTable(data.alertmanagers, now, true)));
        }
        return sections.length > 0 ? sections : element("p.count", {}, "No job is configured.");
    }, controls);
}

function jobSection(job, active, now) {
    const name = job.scrapePool;
    const targets = active.filter((target) => target.scrapePool === name);
    const hidden = job.droppedTargetCount - job.droppedTargets.length;
    return element("section.group", { id: "job " + name },
        element("h2", {}, name, element("span.aside", {}, `${targets.length} active, ${job.droppedTargetCount} dropped`)),
        job.limitError && problem(job.limitError),
        job.failures.map(problem),
        sourceTable(job.sources, now),
        targets.length > 0 && element("details", { id: "active " + name },
            element("summary", {}, "Active targets"),
            table(["Labels before relabelling", "Labels after relabelling"],
                targets.map((target) => [labelList(target.discoveredLabels), labelList(target.labels)]))),
        job.droppedTargetCount > 0 && element("details", { id: "dropped " + name },
            element("summary", {}, "Dropped targets"),
            table(["Labels before relabelling", "Reason"],
                job.droppedTargets.map((target) => [labelList(target.discoveredLabels), target.reason])),
            hidden > 0 && element("p.count", {}, `${hidden} more are not listed.`)));
}

function sourceTable(sources, now, namesEntry = false) {
    return sources.length > 0 && table(["Source", "State", "Targets", "Last success", "Last error"],
        sources.map((source) => [
            (namesEntry ? source.config + " " : "") + `${source.section}[${source.index}]`,
            badge(source.state, tones[source.state] ?? "plain"),
            String(source.targets),
            since(source.lastSuccess, now),
            source.lastError ? [since(source.lastErrorTime, now), problem(source.lastError)] : "none",
        ]));
}
