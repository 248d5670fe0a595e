import Model
import Testing

/// What a client asks before it queries, and of expressions.
@Suite struct SeriesTests {
    private func world() throws -> World {
        let world = try World()
        for (name, instance, seconds) in [("a", "1", 600), ("a", "2", 0), ("b", "1", 0)] {
            world.append(Labels(["__name__": name, "instance": instance]), Int64(seconds), 1)
        }
        world.append(Labels(["__name__": "c", "http.status": "200"]), 0, 1)
        return world
    }

    private let truncated = #","warnings":["results truncated due to limit"]"#

    @Test func series() async throws {
        let all =
            #"[{"__name__":"a","instance":"1"},{"__name__":"a","instance":"2"},{"__name__":"b","instance":"1"}]"#
        try await world().serve { client in
            try await client.expect(
                "series", [("match[]", "a"), ("match[]", #"{instance="1"}"#)], success(all),
                posts: true)
            try await client.expect(
                "series", [("match[]", "a"), ("start", "1767603500"), ("end", "1767603700")],
                success(#"[{"__name__":"a","instance":"2"}]"#), posts: true)
            try await client.expect(
                "series", [("match[]", "a"), ("limit", "1")],
                success(#"[{"__name__":"a","instance":"1"}]"#, truncated))
            try await client.expect("series", [("match[]", "nothing")], success("[]"))
            try await client.expect(
                "series", [], status: 400,
                failure("bad_data", "no match[] parameter provided"))
            try await client.expect(
                "series", [("match[]", #"{instance=~".*"}"#)], status: 400,
                failure(
                    "bad_data",
                    #"invalid parameter \"match[]\": match[] must contain at least one non-empty matcher"#
                ))
        }
    }

    @Test func labels() async throws {
        try await world().serve { client in
            try await client.expect(
                "labels", [], success(#"["__name__","http.status","instance"]"#), posts: true)
            try await client.expect(
                "labels", [("match[]", "c")], success(#"["__name__","http.status"]"#))
            try await client.expect(
                "labels", [("limit", "2")], success(#"["__name__","http.status"]"#, truncated))
            try await client.expect(
                "labels", [("start", "1"), ("end", "2")], success("[]"))
            try await client.expect(
                "labels", [("match[]", "{")], status: 400,
                failure(
                    "bad_data", "1:2: parse error: unexpected end of input inside braces"))
        }
    }

    @Test func labelValues() async throws {
        try await world().serve { client in
            try await client.expect("label/__name__/values", [], success(#"["a","b","c"]"#))
            try await client.expect(
                "label/instance/values", [("match[]", "b")], success(#"["1"]"#))
            try await client.expect(
                "label/instance/values", [("limit", "1")], success(#"["1"]"#, truncated))
            try await client.expect("label/nothing/values", [], success("[]"))
            // A name that is no legacy name, escaped and as it is.
            try await client.expect("label/U__http_2e_status/values", [], success(#"["200"]"#))
            try await client.expect("label/http.status/values", [], success(#"["200"]"#))
            try await client.expect(
                "label/a/values", [("start", "x")], status: 400,
                failure(
                    "bad_data",
                    #"invalid parameter \"start\": invalid time value for 'start': cannot parse \"x\" to a valid timestamp"#
                ))
        }
    }

    @Test func theEndsOfTimeAreTimes() async throws {
        try await world().serve { client in
            try await client.expect(
                "label/__name__/values",
                [
                    ("start", "-292273086-05-16T16:47:06Z"),
                    ("end", "292277025-08-18T07:12:54.999999999Z"),
                ], success(#"["a","b","c"]"#))
        }
    }

    @Test func expressions() async throws {
        try await world().serve { client in
            try await client.expect(
                "format_query", [("query", "sum by(job)(rate( a [5m] ))")],
                success(#""sum by (job) (rate(a[5m]))""#), posts: true)
            try await client.expect(
                "parse_query", [("query", "1")],
                success(#"{"type":"numberLiteral","val":"1"}"#), posts: true)
            try await client.expect(
                "format_query", [("query", "sum(")], status: 400,
                failure(
                    "bad_data",
                    #"invalid parameter \"query\": 1:5: parse error: unclosed left parenthesis"#),
                posts: true)
            try await client.expect("query_exemplars", [("query", "a")], success("[]"), posts: true)
            try await client.expect(
                "query_exemplars", [("query", "1")], status: 204, "", posts: true)
            try await client.expect(
                "query_exemplars", [("query", "a("), ("start", "1")], status: 400,
                failure("bad_data", #"1:3: parse error: unclosed left parenthesis"#))
            try await client.expect(
                "query_exemplars", [("query", "a"), ("start", "x")], status: 400,
                failure(
                    "bad_data",
                    #"invalid parameter \"start\": invalid time value for 'start': cannot parse \"x\" to a valid timestamp"#
                ))
            try await client.expect(
                "query_exemplars", [("query", "a"), ("start", "2"), ("end", "1")], status: 400,
                failure("bad_data", "end timestamp must not be before start timestamp"))
        }
    }
    @Test func exemplars() async throws {
        let world = try World(
            "  enable_features: [exemplar-storage]\n",
            main: World.configuration + "\nstorage: {exemplars: {max_exemplars: 3}}")
        let ring = world.daemon.store.exemplars
        #expect(ring.capacity == 3)
        for (name, value, time) in [("a", 0.5, 1500), ("a", 1e21, 2000), ("b", .nan, 3000)] {
            ring.add(
                Exemplar(
                    labels: Labels(["trace_id": "<\(name)>"]), value: value,
                    time: Timestamp(milliseconds: Int64(time)), hasTime: true),
                of: Labels(["__name__": name, "job": "x"]))
        }
        try await world.serve { client in
            let a = #"{"seriesLabels":{"__name__":"a","job":"x"},"exemplars":["#
            let first = #"{"labels":{"trace_id":"\u003ca\u003e"},"value":"0.5","timestamp":1.500}"#
            let second = #"{"labels":{"trace_id":"\u003ca\u003e"},"value":"1e+21","timestamp":2}"#
            let b =
                #"{"seriesLabels":{"__name__":"b","job":"x"},"exemplars":["#
                + #"{"labels":{"trace_id":"\u003cb\u003e"},"value":"NaN","timestamp":3}]}"#
            try await client.expect(
                "query_exemplars", [("query", #"sum(rate(a{job="x"}[5m])) / sum(b)"#)],
                success("[\(a)\(first),\(second)]},\(b)]"), posts: true)
            try await client.expect(
                "query_exemplars", [("query", "a"), ("start", "1.6"), ("end", "2")],
                success("[\(a)\(second)]}]"))
            try await client.expect("query_exemplars", [("query", "c")], success("[]"))
        }
        // The next configuration keeps none.
        world.write("/tocsin.yml", World.configuration + "\ntocsin: {notifiers: /notifiers.yml}\n")
        try await world.daemon.reload()
        #expect(ring.capacity == 0 && ring.count == 0)
    }
}
