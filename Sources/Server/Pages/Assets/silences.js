// `#/silences` and `#/silences/ID`.
import { alertArticle } from "./alerts.js";
import { alertmanager, serverTime } from "./api.js";
import { badge, element, linked, problem, show } from "./dom.js";
import { facts, hash, matcherList, moment } from "./parts.js";
import { matchersText } from "./text.js";

export async function silencesPage(main, query) {
    document.title = "Silences · Tocsin";
    const filter = element("input", {
        type: "search", value: query.get("filter") ?? "", placeholder: 'job="api"', autocapitalize: "off",
        autocomplete: "off", spellcheck: "false",
    });
    const form = element("form.controls", {
        onsubmit: (event) => { event.preventDefault(); location.hash = hash("/silences", { filter: filter.value.trim() }); },
    }, element("label.wide", {}, "Filter", filter), element("a.button", { href: "#/silences/new" }, "New silence"));
    const list = element("div");
    show(main, element("h1", {}, "Silences"), form, list);
    try {
        const [silences, now] = await Promise.all([
            alertmanager("silences", { filter: query.get("filter") ?? "" }), serverTime(),
        ]);
        const section = (state) => silences.filter((silence) => silence.status.state === state)
            .map((silence) => silenceArticle(silence, now));
        const [active, pending, expired] = [section("active"), section("pending"), section("expired")];
        show(list,
            element("p.count", { role: "status" }, `${active.length} active, ${pending.length} pending, ${expired.length} expired`),
            active, pending,
            expired.length > 0 && element("details", {}, element("summary", {}, `Expired (${expired.length})`), expired));
    } catch (error) {
        show(list, problem(error));
    }
}

function silenceArticle(silence, now) {
    const { state } = silence.status;
    return element("article.alert." + (state === "active" ? "quiet" : "plain"), {},
        element("h3", {}, element("a", { href: hash("/silences/" + encodeURIComponent(silence.id)) }, silence.comment || silence.id),
            " ", badge(state, state === "active" ? "quiet" : "plain")),
        matcherList(silence.matchers, "Matchers"),
        element("p.when", {}, "by ", silence.createdBy, ", ",
            state === "pending" ? ["starts ", moment(silence.startsAt, now), ", "] : null,
            state === "expired" ? "ended " : "ends ", moment(silence.endsAt, now)));
}

export async function silencePage(main, query, id) {
    document.title = "Silence · Tocsin";
    try {
        const [silence, now] = await Promise.all([alertmanager("silence/" + encodeURIComponent(id)), serverTime()]);
        const { state } = silence.status;
        const outcome = element("div");
        const affected = element("div");
        const filter = matchersText(silence.matchers);
        show(main, element("h1", {}, "Silence ", badge(state, state === "active" ? "quiet" : "plain")),
            facts([
                ["Matchers", matcherList(silence.matchers, "Matchers")],
                ["Comment", linked(silence.comment)], ["Created by", silence.createdBy],
                ["Starts", moment(silence.startsAt, now)], ["Ends", moment(silence.endsAt, now)],
                ["Changed", moment(silence.updatedAt, now)], ["ID", element("code", {}, silence.id)],
                ...Object.entries(silence.annotations ?? {}).map(([name, value]) => [name, linked(value)]),
            ]),
            element("p.links", {},
                state !== "expired" && element("a.button", { href: hash(`/silences/${encodeURIComponent(id)}/edit`) }, "Edit"),
                state === "expired"
                    ? element("a.button", { href: hash("/silences/new", { filter, comment: silence.comment }) }, "Make it anew")
                    : expireButton(id, outcome)),
            outcome, affected);
        if (state !== "expired") await showAffected(affected, filter, now);
    } catch (error) {
        show(main, element("h1", {}, "Silence"), problem(
            error.message.startsWith("404") ? new Error(`There is no silence ${id}.`) : error));
    }
}

/// Ends a silence on the second press.
function expireButton(id, outcome) {
    const button = element("button.danger", { type: "button" }, "Expire");
    let isSure = false;
    button.addEventListener("click", async () => {
        if (!isSure) {
            isSure = true;
            show(button, "Really expire it?");
            return;
        }
        button.disabled = true;
        try {
            await alertmanager("silence/" + encodeURIComponent(id), {}, "DELETE");
            window.dispatchEvent(new HashChangeEvent("hashchange"));
        } catch (error) {
            button.disabled = false;
            show(outcome, problem(error));
        }
    });
    return button;
}

async function showAffected(place, filter, now) {
    const alerts = await alertmanager("alerts", { filter });
    show(place, element("h2", {}, alerts.length === 1 ? "1 alert matches" : `${alerts.length} alerts match`),
        alerts.map((alert) => alertArticle(alert, now, null)));
}
