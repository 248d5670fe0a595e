import Configuration
import Model
import Testing

/// `tocsin.yml`: defaults, places, suggestions, warnings.
struct TocsinConfigurationTests {
    private func load(
        _ text: String, environment: [String: String] = [:], files: [String: String] = [:]
    ) -> LoadResult<TocsinConfiguration> {
        TocsinConfiguration.load(
            text: Array(text.utf8), path: "conf/tocsin.yml", environment: environment,
            files: .memory(files))
    }

    private func problems(_ text: String) -> [String] { load(text).problems.map(\.description) }

    @Test func anEmptyFileIsTheDefaults() throws {
        let configuration = try load("").get()
        #expect(configuration.global.scrapeInterval == .minutes(1))
        #expect(configuration.global.scrapeTimeout == .seconds(10))
        #expect(configuration.global.evaluationInterval == .minutes(1))
        #expect(configuration.tocsin.notifiers.value == "conf/notifiers/notifiers.yml")
        #expect(configuration.tocsin.storage.path == "conf/data")
        #expect(configuration.tocsin.storage.keep == .all)
        #expect(configuration.tocsin.web.listenAddress == "127.0.0.1:9090")
        #expect(configuration.tocsin.metricsPrefix == "tocsin")
        #expect(configuration.tocsin.query.lookbackDelta == .minutes(5))
        #expect(configuration.tocsin.rules.gracePeriod == .minutes(10))
        #expect(configuration.tocsin.notifications.maximumAge == .seconds(120 * 3600))
    }

    @Test func limitsOfQueriesAreNumbersThatCanBe() throws {
        let query = try load(
            """
            tocsin:
              query:
                {max_samples: 7, max_points: 8, max_concurrency: 9, timeout: 3s, max_memory: 2GB}
              web: {cors_origin: "https?://[a-z]+"}
              notifications: {max_age: 90m}
            """
        ).get().tocsin
        #expect(query.query.maximumSamples == 7)
        #expect(query.query.maximumPoints == 8)
        #expect(query.query.maximumConcurrency == 9)
        #expect(query.query.timeout == .seconds(3))
        #expect(query.query.maximumMemory == 2 << 30)
        #expect(query.query.maximumMemoryPerQuery == nil)
        #expect(query.notifications.maximumAge == .minutes(90))
        #expect(query.web.corsOrigin == "https?://[a-z]+")
        for (text, message) in [
            ("query: {max_points: 0}", "expected a number greater than 0"),
            ("query: {max_memory: 1000B}", "expected a size of at least 1MiB"),
            ("query: {max_memory_per_query: 10}", "unknown unit"),
            ("query: {max_concurrency: 0}", "expected a number from 1 to 1000"),
            ("query: {max_concurrency: 1001}", "expected a number from 1 to 1000"),
            ("notifications: {max_age: 0s}", "expected a duration greater than 0"),
            ("web: {cors_origin: \"(\"}", "is no regular expression"),
        ] {
            #expect(
                problems("tocsin:\n  \(text)\n").contains { $0.contains(message) }, "\(text)")
        }
    }

    @Test func secretsAreNotShown() {
        let text = """
            # a comment
            scrape_configs:
            - job_name: 'a: b'
              basic_auth: {username: me, password: hush}
              static_configs:
              - targets: [ "x:1", y ]
                labels: {}
              proxy_url: "http://me:hush@proxy:3128/"
              params:
                key: [hush-not]
              authorization:
                credentials: "hush"
            """
        #expect(
            TocsinConfiguration.load(text: Array(text.utf8), path: "x").shown == """
                scrape_configs:
                - job_name: "a: b"
                  basic_auth:
                    username: me
                    password: <secret>
                  static_configs:
                  - targets:
                    - "x:1"
                    - y
                    labels: {}
                  proxy_url: "http://xxxxx@proxy:3128/"
                  params:
                    key:
                    - hush-not
                  authorization:
                    credentials: <secret>

                """)
    }

    @Test func jobsInheritFromGlobal() throws {
        let result = load(
            """
            global:
              scrape_interval: 5s
              sample_limit: 7
              body_size_limit: 10MB
              label_limit: 3
            scrape_configs:
              - job_name: a
              - job_name: b
                scrape_interval: 1h
                sample_limit: 9
                scheme: https
                params: {z: [1, two], a: ["3"]}
                bearer_token_file: token
                tls_config: {ca_file: /ca.pem, server_name: x, min_version: TLS12}
            """)
        #expect(result.problems.isEmpty)
        let jobs = try result.get().scrapeConfigurations
        #expect(jobs[0].scrapeInterval == .seconds(5))
        #expect(jobs[0].scrapeTimeout == .seconds(5))
        #expect(jobs[0].limits.samples == 7)
        #expect(jobs[0].limits.bodySize == 10 << 20)
        #expect(jobs[1].scrapeTimeout == .seconds(5))
        #expect(jobs[1].limits.samples == 9)
        #expect(jobs[1].limits.labels == 3)
        #expect(jobs[1].parameters == [URLParameter("a", ["3"]), URLParameter("z", ["1", "two"])])
        #expect(jobs[1].client.authorization?.credentials?.filePath == "conf/token")
        #expect(jobs[1].client.tls.ca?.filePath == "/ca.pem")
        #expect(jobs[1].client.tls.minimumVersion == .tls12)
    }

    @Test func environmentInExternalLabels() throws {
        let labels = try load(
            """
            global:
              external_labels: {a: "${X}", b: "p$X-q", c: "$$X", d: "100$", e: "${NONE}z"}
            """, environment: ["X": "v"]
        ).get().global.externalLabels
        #expect(labels == Labels(["a": "v", "b": "pv-q", "c": "$X", "d": "100$", "e": "z"]))
    }

    @Test(arguments: [
        (
            "scrape_configs:\n  - job_name: a\n    scrape_intervall: 15s\n",
            "conf/tocsin.yml:3:5: error: scrape_configs[0].scrape_intervall: field scrape_intervall not found; did you mean scrape_interval?"
        ),
        (
            "globl: {}\n",
            "conf/tocsin.yml:1:1: error: globl: field globl not found; did you mean global?"
        ),
        (
            "global:\n  scrape_interval: 15 s\n",
            "conf/tocsin.yml:2:20: error: global.scrape_interval: unknown unit \" s\" in duration \"15 s\""
        ),
        (
            "scrape_configs:\n  job_name: a\n",
            "conf/tocsin.yml:2:3: error: scrape_configs: expected a list, found a mapping"
        ),
        (
            "scrape_configs:\n  - job_name: a\n    honor_labels: maybe\n",
            "conf/tocsin.yml:3:19: error: scrape_configs[0].honor_labels: expected true or false, found \"maybe\""
        ),
        (
            "tocsin:\n  storage:\n    keep: rule\n",
            "conf/tocsin.yml:3:11: error: tocsin.storage.keep: unknown keep \"rule\", expected one of rules, all; did you mean rules?"
        ),
        (
            "tocsin: {web: {listen_address: 9090}}\n",
            "conf/tocsin.yml:1:16: error: tocsin.web.listen_address: expected an address and a port, such as 127.0.0.1:9090, found \"9090\""
        ),
        (
            "scrape_configs:\n  - job_name: a\n    relabel_configs:\n      - {action: replce}\n",
            "conf/tocsin.yml:4:18: error: scrape_configs[0].relabel_configs[0].action: unknown relabel action \"replce\"; did you mean replace?"
        ),
        (
            "scrape_configs:\n  - job_name: a\n    oci_sd_configs: [{region: r, auth: instance_principal}]\n",
            "conf/tocsin.yml:3:5: warning: scrape_configs[0].oci_sd_configs: is not acted on yet: job \"a\" gets no targets from oci discovery"
        ),
        (
            "remote_write: [{url: 'http://x'}]\n",
            "conf/tocsin.yml:1:1: warning: remote_write: is not acted on"
        ),
        (
            "storage: {tsdb: {retention: {time: 1d}}}\n",
            "conf/tocsin.yml:1:18: warning: storage.tsdb.retention: is not acted on"
        ),
        (
            "storage: {exemplars: {max_exemplars: x}}\n",
            "conf/tocsin.yml:1:38: error: storage.exemplars.max_exemplars: expected a whole number, found \"x\""
        ),
    ])
    func oneProblemWithItsPlace(_ text: String, _ expected: String) {
        #expect(problems(text) == [expected])
    }

    @Test(arguments: [
        ("", 100_000), ("storage: {exemplars: {}}\n", 100_000),
        ("storage: {exemplars: {max_exemplars: 7}}\n", 7),
        ("storage: {exemplars: {max_exemplars: -7}}\n", 0),
    ])
    func theMostExemplars(text: String, expected: Int) {
        let result = TocsinConfiguration.load(text: Array(text.utf8), path: "tocsin.yml")
        #expect(result.draft?.maximumExemplars == expected && result.problems.isEmpty)
    }

    @Test func allProblemsAtOnceInOrder() {
        let found = problems(
            """
            global: {scrape_interval: x, evaluation_interval: y}
            scrape_configs:
              - job_name: a
                metrics_pth: /
              - job_name: a
                scheme: ftp
            """)
        #expect(found.count == 5)
        #expect(found.map { $0.split(separator: ":")[1] } == ["1", "1", "4", "5", "6"])
    }

    @Test func includedFilesHaveTheirOwnPlaces() throws {
        let files = [
            "conf/jobs/a.yml":
                "scrape_configs: [{job_name: one, file_sd_configs: [{files: [t/*.json]}]}]",
            "conf/jobs/b.yml": "scrape_configs:\n  - job_name: two\n    schema: http\n",
        ]
        let result = load("scrape_config_files: [jobs/*.yml]", files: files)
        #expect(
            result.problems.map(\.description) == [
                "conf/jobs/b.yml:3:5: error: scrape_configs[0].schema: field schema not found; did you mean scheme?"
            ])
        let good = try load("scrape_config_files: [jobs/a.yml]", files: files).get()
        #expect(
            good.scrapeConfigurations[0].discoveries.files
                == [FileDiscovery(files: ["conf/jobs/t/*.json"])])
    }

    @Test func aMovedJobIsTheSameJob() throws {
        let text = "scrape_configs: [{job_name: a, static_configs: [{targets: [x]}]}]"
        let one = try load(text).get()
        let two = try load("# moved\n\n" + text).get()
        #expect(one.scrapeConfigurations == two.scrapeConfigurations)
        #expect(one.scrapeConfigurations[0].place != two.scrapeConfigurations[0].place)
    }

    @Test func targetFilesMayBeJSON() throws {
        let json = #"[{"targets": ["a:1", "b:2"], "labels": {"x": "y"}}, {"targets": []}]"#
        let groups = try TargetGroup.load(text: Array(json.utf8), path: "t.json").get()
        #expect(
            groups == [
                TargetGroup(targets: ["a:1", "b:2"], labels: Labels(["x": "y"])),
                TargetGroup(targets: []),
            ])
        let bad = TargetGroup.load(text: Array(#"[{"target": []}]"#.utf8), path: "t.json")
        #expect(bad.errors.map(\.message) == ["json: unknown field \"target\""])
    }

    @Test func textfilesHaveDefaults() throws {
        let text = """
            scrape_configs:
              - job_name: p
                textfile_configs: [{files: [/x/*.prom], labels: {instance: i}}]
            """
        #expect(
            try load(text).get().scrapeConfigurations[0].discoveries.textfiles == [
                TextfileSource(files: ["/x/*.prom"], labels: Labels(["instance": "i"]))
            ])
        #expect(
            problems("scrape_configs: [{job_name: p, textfile_configs: [{max_age: 0s}]}]").count
                == 2)
    }

    @Test func numbersAndSchemesAsGoTakesThem() throws {
        let text = """
            scrape_configs:
            - job_name: j
              scheme: HTTPS
              sample_limit: 10.9
              static_configs: [{targets: [a]}]
            ---
            {{ none }
            """
        let result = TocsinConfiguration.load(text: Array(text.utf8), path: "tocsin.yml")
        let job = try #require(try result.get().scrapeConfigurations.first)
        #expect(job.scheme == "HTTPS")
        #expect(job.limits.samples == 10)
    }
}
