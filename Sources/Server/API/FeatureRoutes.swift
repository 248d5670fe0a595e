import Configuration
import PromQL

/// `/api/v1/features`: what of Prometheus's is here and on.
struct FeatureRoutes: Sendable {
    let options: EngineOptions
    let hasLifecycle: Bool
    let push: PushSettings

    func features(_ parameters: Parameters) -> [UInt8] {
        let groups = groups
        return APIEnvelope.success { json in
            json.object { json in
                for (name, features) in groups {
                    json.key(name)
                    json.object { json in
                        for (feature, isOn) in features.sorted(by: { $0.key < $1.key }) {
                            json.key(feature)
                            json.bool(isOn)
                        }
                    }
                }
            }
        }
    }

    private var groups: [(String, [String: Bool])] {
        [
            (
                "api",
                [
                    "admin": false, "exclude_alerts": true, "label_values_match": true,
                    "lifecycle": hasLifecycle, "otlp_write_receiver": push.takesOTLP,
                    "query_stats": true,
                    "query_warnings": true, "remote_write_receiver": push.takesRemoteWrite,
                    "time_range_labels": true, "time_range_series": true,
                ]
            ),
            ("promql", language), ("promql_functions", functions),
            ("promql_operators", operators),
            ("rules", ["keep_firing_for": true, "query_offset": true]),
        ]
    }

    private var language: [String: Bool] {
        let parser = options.parser
        var features = [
            "anchored": parser.extendedRangeSelectors,
            "delayed_name_removal": options.delaysNameRemoval,
            "duration_expr": parser.durationExpressions, "fill": parser.fillModifiers,
            "fill_left": parser.fillModifiers, "fill_right": parser.fillModifiers,
            "per_step_stats": options.hasStepStatistics, "smoothed": parser.extendedRangeSelectors,
        ]
        for name in [
            "at_modifier", "bool", "by", "group_left", "group_right", "ignoring",
            "negative_offset", "offset", "on", "per_query_lookback_delta", "subqueries", "without",
        ] {
            features[name] = true
        }
        return features
    }

    private var functions: [String: Bool] {
        var features: [String: Bool] = [:]
        for function in FunctionSignature.all {
            features[function.name] = !function.experimental || options.parser.experimentalFunctions
        }
        return features
    }

    private var operators: [String: Bool] {
        var features: [String: Bool] = [:]
        for name in [
            "!=", "!~", "%", "*", "+", "-", "/", "<", "<=", "==", "=~", ">", ">=", "@", "^", "and",
            "atan2", "or", "unless",
        ] {
            features[name] = true
        }
        for aggregation in Aggregation.allCases {
            features[aggregation.rawValue] =
                ![.limitk, .limitRatio].contains(aggregation)
                || options.parser.experimentalFunctions
        }
        return features
    }
}
