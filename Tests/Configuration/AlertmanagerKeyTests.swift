import Configuration
import Testing

/// Keys that Alertmanager 0.32 takes, and some that are younger.
struct AlertmanagerKeyTests {
    private func load(_ text: String) -> LoadResult<NotifierConfiguration> {
        NotifierConfiguration.load(text: Array(text.utf8), path: "n.yml")
    }

    @Test func tracingIsCheckedAndNotActedOn() {
        let rest = "\nroute: {receiver: r}\nreceivers: [{name: r}]"
        let good = load(
            "tracing: {endpoint: 'localhost:4317', client_type: http, headers: {A: {values: [x]}}}"
                + rest)
        #expect(good.value != nil, "\(good.problems)")
        #expect(good.warnings.map(\.path) == ["tracing"])
        for wrong in ["{}x", "{client_type: http}", "{endpoint: e, client_type: udp}"] {
            #expect(load("tracing: \(wrong)" + rest).value == nil, "\(wrong)")
        }
    }

    @Test func youngerKeysAreCheckedAndNotActedOn() {
        let good = load(
            """
            route: {receiver: r, labels: {team: '{{ .CommonLabels.team }}'}}
            receivers: [{name: r, labels: {team: a, name: r}}]
            event_recorder:
              file_outputs: [{path: f}]
              stdout_outputs: [{}]
              kafka_outputs: [{brokers: ['k:9092'], topic: t, acks: all, tls_config: {ca_file: c}}]
              webhook_outputs: [{url: 'http://h/HUSH', batch: true, batch_max_events: 3}]
            """)
        #expect(good.value != nil, "\(good.problems)")
        #expect(
            good.warnings.map(\.path) == ["route.labels", "receivers[0].labels", "event_recorder"])
        #expect(!good.shown.contains("HUSH"))
    }

    @Test(arguments: [
        (
            "receivers: [{name: r, labels: {name: s}}]",
            "receiver label \"name\" must match receiver name \"r\", got \"s\""
        ),
        ("event_recorder: {file_outputs: [{}]}", "event_recorder file output requires a path"),
        (
            "event_recorder: {kafka_outputs: [{brokers: [], topic: t}]}",
            "event_recorder kafka: at least one broker is required"
        ),
        (
            "event_recorder: {webhook_outputs: [{url: 'http://h', batch_max_events: 3}]}",
            "event_recorder webhook batch settings require batch: true"
        ),
        ("event_recorder: {stdout_outputs: [{path: f}]}", "field path not found"),
        (
            "receivers: [{name: r, webhook_configs: [{url: 'http://h', http_config: {http_headers: {x-amz-date: {values: [a]}}}}]}]",
            "setting header \"X-Amz-Date\" is not allowed"
        ),
        (
            "receivers: [{name: r, sns_configs: [{topic_arn: t, sigv4: {external_id: i}}]}]",
            "external_id can only be used with role_arn"
        ),
        (
            "receivers: [{name: r, sns_configs: [{topic_arn: t, sigv4: {access_key: i}}]}]",
            "must provide a AWS SigV4 Access key and Secret Key if credentials are specified in the SigV4 config"
        ),
    ])
    func errorsHaveAlertmanagersWords(section: String, message: String) {
        let receivers = section.hasPrefix("receivers") ? "" : "\nreceivers: [{name: r}]"
        let result = load("route: {receiver: r}\n\(section)\(receivers)")
        #expect(result.errors.map(\.message) == [message])
    }

    @Test(arguments: [
        ("weekdays: ['friday:monday']", "start day cannot be before end day"),
        ("months: ['may:3']", "end month march is before start month may"),
        ("years: ['2030:2029']", "end year 2029 is before start year 2030"),
        (
            "times: [{start_time: '9:00', end_time: '10:00'}]",
            "couldn't parse timestamp 9:00, invalid format"
        ),
        (
            "times: [{start_time: '+9:00', end_time: '10:00'}]",
            "couldn't parse timestamp +9:00, invalid format"
        ),
    ])
    func timeIntervalsAreRefusedAsAlertmanagerDoes(interval: String, message: String) {
        let result = load(
            "route: {receiver: r}\nreceivers: [{name: r}]\ntime_intervals: [{name: n, time_intervals: [{\(interval)}]}]"
        )
        #expect(result.errors.map(\.message) == [message])
    }

    @Test func anEmptyGroupByEndsTheParentsGrouping() throws {
        let text = """
            route:
              receiver: r
              group_by: [alertname]
              routes:
                - {matchers: ["a=b"], group_by: []}
                - {matchers: ["a=c"], group_by: }
                - {matchers: ["a=d"]}
            receivers: [{name: r}]
            """
        let routes = try load(text).get().route.routes
        #expect(routes.map(\.groupBy) == [.labels([]), nil, nil])
    }
}
