// `#/status`: what the daemon is, and what it lacks.
import { alertmanager, prometheus } from "./api.js";
import { badge, element, problem, show, table } from "./dom.js";
import { facts, moment } from "./parts.js";
import { localText } from "./text.js";

export async function statusPage(main) {
    document.title = "Status · Tocsin";
    const place = element("div");
    show(main, element("h1", {}, "Status"), place);
    try {
        const [ready, status, runtime, build, flags, configuration] = await Promise.all([
            fetch("-/ready").then((response) => response.text()), alertmanager("status"),
            ...["runtimeinfo", "buildinfo", "flags", "config"].map((name) =>
                prometheus("status/" + name).then((answer) => answer.data)),
        ]);
        const now = Date.parse(runtime.serverTime);
        show(place,
            // More than one line is what is lacking.
            element("pre.notice" + (/\n/.test(ready.trim()) || !/Ready/.test(ready) ? "" : ".good"), {}, ready.trim()),
            facts([
                ["Version", build.revision], ["Speaks as", `Prometheus ${build.version}, Alertmanager ${status.versionInfo.version}`],
                ["Running since", moment(runtime.startTime, now)], ["Time there", localText(now)],
                ["Configuration", [runtime.reloadConfigSuccess ? "loaded " : badge("the last reload failed", "bad"),
                    " ", moment(runtime.lastConfigTime, now)]],
                ["Host", runtime.hostname], ["Samples are kept", runtime.storageRetention],
            ]),
            [["Notifiers", status.config.original], ["Configuration", configuration.yaml]].map(([name, text]) =>
                element("details", {}, element("summary", {}, name), element("pre", {}, text))),
            element("details", {}, element("summary", {}, "Settings"),
                table(["Name", "Value"], Object.entries(flags).map(([name, value]) => [element("code", {}, name), value]))));
    } catch (error) {
        show(place, problem(error));
    }
}
