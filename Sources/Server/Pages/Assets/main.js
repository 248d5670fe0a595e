// Which page stands at which path. All addresses are relative, so that a proxy may put us under any prefix.
import { show } from "./dom.js";
import { alertmanagerPage } from "./alertmanager.js";
import { discoveryPage } from "./discovery.js";
import { queryPage } from "./query.js";
import { alertRulesPage, rulesPage, targetsPage } from "./prometheus.js";

const pages = {
    graph: queryPage,
    query: queryPage,
    alerts: alertRulesPage,
    rules: rulesPage,
    targets: targetsPage,
    "service-discovery": discoveryPage,
};

const name = location.pathname.split("/").pop();
const main = document.getElementById("main");

// A link to the content must not be taken for a page's address.
document.querySelector(".skip").addEventListener("click", (event) => {
    event.preventDefault();
    main.focus();
});

function markCurrent() {
    const here = new URL(location.href);
    for (const link of document.querySelectorAll("nav a")) {
        const there = new URL(link.href);
        const samePath =
            there.pathname === here.pathname || (name === "graph" && there.pathname.endsWith("/query"));
        const section = here.hash.split("?")[0] || "#/alerts";
        const isCurrent = samePath && (there.hash === "" || section.startsWith(there.hash));
        if (isCurrent) link.setAttribute("aria-current", "page");
        else link.removeAttribute("aria-current");
    }
}

markCurrent();
window.addEventListener("hashchange", markCurrent);
show(main);
(pages[name] ?? alertmanagerPage)(main);
