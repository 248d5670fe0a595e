// `/`: what is routed and told, and what silences it. The part behind `#` says which page, as Alertmanager's links do.
import { alertsPage } from "./alerts.js";
import { element, show } from "./dom.js";
import { silenceFormPage } from "./silence-form.js";
import { silencePage, silencesPage } from "./silences.js";
import { statusPage } from "./status.js";

const pages = [
    [/^\/silences$/, silencesPage],
    [/^\/silences\/new$/, silenceFormPage],
    [/^\/silences\/([^/]+)\/edit$/, silenceFormPage],
    [/^\/silences\/([^/]+)$/, silencePage],
    [/^\/status$/, statusPage],
    [/^\/(?:alerts)?$/, alertsPage],
];

export function alertmanagerPage(main) {
    const route = () => {
        const [path, query = ""] = location.hash.slice(1).split(/\?(.*)/s);
        for (const [pattern, page] of pages) {
            const match = pattern.exec(path || "/");
            if (match !== null) {
                // Each page has an element of its own, so that a late answer to another's question is not shown.
                const place = element("div");
                show(main, place);
                return page(place, new URLSearchParams(query), match[1] === undefined ? null : decoded(match[1]));
            }
        }
        document.title = "Tocsin";
        show(main, element("h1", {}, "There is no such page"), element("p", {}, "#" + path));
    };
    window.addEventListener("hashchange", route);
    route();
}

function decoded(text) {
    try {
        return decodeURIComponent(text);
    } catch {
        return text;
    }
}
