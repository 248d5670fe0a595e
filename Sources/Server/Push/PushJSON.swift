import Model
import Scrape

/// Groups as `/api/v1/metrics` of a Pushgateway shows them.
enum PushJSON {
    static func write(_ groups: [PushedGroup], _ json: inout JSONWriter) {
        for group in groups {
            json.object { json in
                json.key("labels")
                json.labels(group.key.labels)
                json.key("last_push_successful")
                json.bool(group.lastPushSucceeded)
                for family in group.shownFamilies { write(family, &json) }
            }
        }
    }

    private static func write(_ family: ShownFamily, _ json: inout JSONWriter) {
        json.key(family.name)
        json.object { json in
            json.member(
                "time_stamp",
                (family.time ?? Timestamp(milliseconds: 0)).rfc3339(alwaysMilliseconds: false))
            json.member("type", family.type.rawValue.uppercased())
            if !family.help.isEmpty { json.member("help", family.help) }
            json.key("metrics")
            json.array { json in
                for metric in family.metrics { write(metric, &json) }
            }
        }
    }

    private static func write(_ metric: ShownFamily.Metric, _ json: inout JSONWriter) {
        json.object { json in
            json.key("labels")
            json.labels(metric.labels)
            if !metric.points.isEmpty {
                json.key(metric.pointsName)
                json.object { json in
                    for (at, value) in metric.points { json.member(at, GoFloat.general(value)) }
                }
            }
            for (name, value) in metric.values { json.member(name, GoFloat.general(value)) }
        }
    }
}
