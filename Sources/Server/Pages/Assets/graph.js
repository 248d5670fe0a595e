// A plain line graph of a range query's series.
import { element, show } from "./dom.js";
import { localText, seriesText } from "./text.js";

/// How many series are drawn; the legend says when there are more.
const maximumLines = 50;
const colours = 10;
const height = 320;
const margin = { top: 10, right: 12, bottom: 26, left: 58 };

/// The graph of `series` over `{ start, end, step }`, all in seconds.
export function graph(series, axis) {
    const lines = series.slice(0, maximumLines).map((one, index) => ({
        name: seriesText(one.metric),
        colour: "line-" + (index % colours),
        points: (one.values ?? []).map(([time, value]) => [time, Number(value)]),
        isShown: true,
    }));
    const drawing = element("div.drawing");
    const readout = element("p.count", {}, "\u00a0");
    const legend = element("ul.legend", {}, lines.map((line) => {
        const button = element("button." + line.colour, { type: "button", "aria-pressed": "true", onclick: () => {
            line.isShown = !line.isShown;
            button.setAttribute("aria-pressed", String(line.isShown));
            draw();
        } }, element("span.swatch", { "aria-hidden": "true" }), element("code", {}, line.name), element("span.value"));
        line.value = button.lastChild;
        return element("li", {}, button);
    }));
    let width = 0;
    const draw = () => {
        width = Math.max(drawing.clientWidth, 260);
        show(drawing, picture(lines.filter((line) => line.isShown), axis, width));
    };
    new ResizeObserver(() => { if (drawing.clientWidth !== width) draw(); }).observe(drawing);

    // What each line is at where the pointer stands.
    drawing.addEventListener("pointermove", (event) => {
        const left = event.clientX - drawing.getBoundingClientRect().left - margin.left;
        const share = left / (width - margin.left - margin.right);
        const time = axis.start + Math.round((share * (axis.end - axis.start)) / axis.step) * axis.step;
        show(readout, localText(time * 1000));
        for (const line of lines) {
            const point = line.points.find(([at]) => Math.abs(at - time) < axis.step / 2);
            show(line.value, point === undefined ? "" : " " + String(point[1]));
        }
    });
    drawing.addEventListener("pointerleave", () => {
        show(readout, "\u00a0");
        for (const line of lines) show(line.value);
    });
    return element("div.graph", {}, drawing, readout, legend,
        series.length > lines.length && element("p.notice", {}, `Only the first ${lines.length} of ${series.length} series are drawn.`));
}

function picture(lines, { start, end, step }, width) {
    const values = lines.flatMap((line) => line.points.map(([, value]) => value)).filter(Number.isFinite);
    let low = values.reduce((a, b) => Math.min(a, b), Infinity);
    let high = values.reduce((a, b) => Math.max(a, b), -Infinity);
    if (low > high) [low, high] = [0, 1];
    if (low === high) [low, high] = [low - (Math.abs(low) / 10 || 1), high + (Math.abs(high) / 10 || 1)];
    const [right, bottom] = [width - margin.right, height - margin.bottom];
    const x = (time) => margin.left + ((time - start) / (end - start)) * (right - margin.left);
    // Divided first: the distance of two large numbers may be no number.
    const y = (value) => bottom - (value / 2 - low / 2) / (high / 2 - low / 2) * (bottom - margin.top);
    const valueTicks = ticks(low, high, 5);
    const timeTicks = clockTicks(start, end, Math.max(Math.floor((right - margin.left) / 90), 2));
    return svg("svg", { width, height, viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": "Graph" },
        valueTicks.map((value) => [
            svg("line", { class: "grid", x1: margin.left, x2: right, y1: y(value), y2: y(value) }),
            svg("text", { x: margin.left - 6, y: y(value) + 4, "text-anchor": "end" }, numberText(value, high - low)),
        ]),
        timeTicks.map((time) => [
            svg("line", { class: "grid", x1: x(time), x2: x(time), y1: margin.top, y2: bottom }),
            svg("text", { x: x(time), y: height - 8, "text-anchor": x(time) > right - 30 ? "end" : "middle" }, clockText(time, end - start)),
        ]),
        lines.map((line) => svg("path", { class: "line " + line.colour, d: path(line.points, step, x, y) })));
}

function svg(name, attributes, ...children) {
    const node = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    node.append(...children.flat(Infinity));
    return node;
}

/// A line that breaks where points are missing; a point without neighbours is a dot.
function path(points, step, x, y) {
    let text = "";
    let last = -Infinity;
    for (const [time, value] of points) {
        if (!Number.isFinite(value)) continue;
        const place = `${x(time).toFixed(1)} ${y(value).toFixed(1)}`;
        text += time - last > step * 1.5 ? `M${place}h0` : `L${place}`;
        last = time;
    }
    return text;
}

/// Round numbers between two values.
function ticks(low, high, count) {
    const rough = high / count - low / count;
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough);
    if (!(step > 0) || !Number.isFinite(step)) return [low, high];
    const result = [];
    for (let index = Math.ceil(low / step); index * step <= high && result.length <= 2 * count; index += 1) {
        result.push(index * step);
    }
    return result;
}

const clockSteps = [1, 5, 15, 30, 60, 300, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400];

/// Round moments, as the reader's clock shows them.
function clockTicks(start, end, count) {
    const rough = (end - start) / count;
    const step = clockSteps.find((size) => size >= rough) ?? Math.ceil(rough / 86_400) * 86_400;
    const zone = new Date(start * 1000).getTimezoneOffset() * 60;
    const result = [];
    for (let time = Math.ceil((start - zone) / step) * step + zone; time <= end; time += step) result.push(time);
    return result;
}

function clockText(time, range) {
    const date = new Date(time * 1000);
    if (range > 2 * 86_400) return date.toLocaleDateString(undefined, { month: "short", day: "numeric" });
    const seconds = range < 300 ? { second: "2-digit" } : {};
    return date.toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit", ...seconds });
}

function numberText(value, range) {
    const size = Math.abs(value);
    if (size !== 0 && (size >= 1e15 || size < 1e-4)) return value.toExponential(2);
    for (const [unit, letter] of [[1e12, "T"], [1e9, "G"], [1e6, "M"], [1e3, "k"]]) {
        if (size >= unit && range >= unit / 10) return Number((value / unit).toFixed(2)) + letter;
    }
    return String(Number(value.toPrecision(6)));
}
