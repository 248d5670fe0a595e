// What the daemon is asked, and how it refuses.

/// The data of an answer under `/api/v1`, with its warnings. Throws the API's own words.
export async function prometheus(path, parameters = {}) {
    const response = await fetch(withQuery("api/v1/" + path, parameters));
    const text = await response.text();
    let answer;
    try {
        answer = JSON.parse(text);
    } catch {
        throw new Error(`${response.status} ${response.statusText}: ${text}`);
    }
    if (answer.status !== "success") throw new Error(`${answer.errorType}: ${answer.error}`);
    return { data: answer.data, notes: [...(answer.warnings ?? []), ...(answer.infos ?? [])] };
}

/// An answer under `/api/v2`. Throws the API's own words.
export async function alertmanager(path, parameters = {}, method = "GET", body = undefined) {
    const response = await fetch(withQuery("api/v2/" + path, parameters), {
        method,
        headers: body === undefined ? {} : { "Content-Type": "application/json" },
        body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    let answer = text;
    try {
        answer = JSON.parse(text);
    } catch {
        // Some answers are empty, and a proxy's own are no JSON.
    }
    if (response.ok) return answer;
    const message = typeof answer === "string" ? answer : answer.message;
    throw new Error(message || `${response.status} ${response.statusText}`);
}

/// The daemon's time: a demo's clock runs fast, and a phone's may be wrong.
export async function serverTime() {
    return Date.parse((await prometheus("status/runtimeinfo")).data.serverTime);
}

function withQuery(path, parameters) {
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(parameters)) {
        for (const one of [value].flat()) {
            if (one !== undefined && one !== null && one !== "") query.append(name, one);
        }
    }
    const text = query.toString();
    return text === "" ? path : path + "?" + text;
}
