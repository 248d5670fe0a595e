import Configuration
import HTTPClient
import Model
import Scrape
import Synchronization
import Testing
import Transport

/// Amazon's APIs, answered in their documented forms, with signed requests.
@Suite(.timeLimit(.minutes(1))) struct AmazonDiscoveryTests {
    private static let keys = "region: eu-west-2, access_key: AKID, secret_key: geheim"

    /// What is asked of EC2 or the machine, and its answers by action or path.
    private final class Amazon: Sendable {
        let requests = Mutex<[HTTPRequest]>([])
        let answers: Mutex<[String: [(status: Int, body: String)]]>

        init(_ answers: [String: [(status: Int, body: String)]]) { self.answers = Mutex(answers) }

        /// Each answer once, the last one again and again.
        func answer(_ request: HTTPRequest) -> HTTPResponse {
            requests.withLock { $0.append(request) }
            let body = String(decoding: request.body ?? [], as: UTF8.self)
            let action = body.split(separator: "&").first { $0.hasPrefix("Action=") }
            let key = action.map { String($0.dropFirst(7)) } ?? request.url
            let answer = answers.withLock { answers in
                let all = answers[key] ?? []
                if all.count > 1 { answers[key]?.removeFirst() }
                return all.first ?? (404, "no \(key)")
            }
            return HTTPResponse(status: answer.status, body: Array(answer.body.utf8))
        }

        func bodies(_ action: String) -> [String] {
            requests.withLock { $0 }.map { String(decoding: $0.body ?? [], as: UTF8.self) }
                .filter { $0.contains("Action=\(action)&") }
        }
    }

    private func looks(
        _ job: String, _ amazon: Amazon, _ discovery: DiscoveryLooks = DiscoveryLooks(),
        count: Int = 1, variables: [String: String] = [:]
    ) async throws -> [SourceUpdate] {
        try await discovery.take(
            count, job,
            transport: FakeTransport { (request) throws(TransportError) in amazon.answer(request) }
        ) {
            AWSEnvironment(
                files: .system, variables: variables.merging(["HOME": "/nowhere"]) { $1 },
                tokens: TokenStore()
            ) { Timestamp(milliseconds: 1_700_000_000_000) }
        }
    }

    private static let zones = """
        <?xml version="1.0" encoding="UTF-8"?>
        <DescribeAvailabilityZonesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">
          <availabilityZoneInfo>
            <item><zoneName>eu-west-2a</zoneName><zoneId>euw2-az2</zoneId></item>
          </availabilityZoneInfo>
        </DescribeAvailabilityZonesResponse>
        """

    private static func page(_ instances: String, next: String = "") -> String {
        """
        <?xml version="1.0" encoding="UTF-8"?>
        <DescribeInstancesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">
          <requestId>r</requestId><!-- a comment -->
          <reservationSet><item><ownerId>1234</ownerId>
            <instancesSet>\(instances)</instancesSet></item></reservationSet>
          \(next.isEmpty ? "" : "<nextToken>\(next)</nextToken>")
        </DescribeInstancesResponse>
        """
    }

    private static let full = """
        <item><instanceId>i-1</instanceId><imageId>ami-1</imageId>
          <instanceState><code>16</code><name>running</name></instanceState>
          <privateDnsName>ip-10</privateDnsName><dnsName>ec2-1</dnsName><reason/>
          <instanceType>t3.micro</instanceType><platform>windows</platform>
          <placement><availabilityZone>eu-west-2a</availabilityZone></placement>
          <privateIpAddress>10.0.0.1</privateIpAddress><ipAddress>1.2.3.4</ipAddress>
          <subnetId>subnet-1</subnetId><vpcId>vpc-1</vpcId><architecture>x86_64</architecture>
          <instanceLifecycle>spot</instanceLifecycle>
          <tagSet><item><key>Name</key><value>a &amp; b&#x21;</value></item>
            <item><key>team:x</key><value><![CDATA[<c>]]></value></item></tagSet>
          <networkInterfaceSet>
            <item><subnetId>subnet-1</subnetId><attachment><deviceIndex>1</deviceIndex></attachment>
              <ipv6AddressesSet>
                <item><ipv6Address>2001:db8::1</ipv6Address><isPrimaryIpv6>false</isPrimaryIpv6></item>
                <item><ipv6Address>2001:db8::2</ipv6Address><isPrimaryIpv6>true</isPrimaryIpv6></item>
              </ipv6AddressesSet></item>
            <item><subnetId>subnet-2</subnetId></item><item><subnetId>subnet-1</subnetId></item>
          </networkInterfaceSet></item>
        """

    private static func small(_ id: String, _ more: String) -> String {
        "<item><instanceId>\(id)</instanceId>\(more)</item>"
    }

    @Test func instancesAreTargets() async throws {
        let amazon = Amazon([
            "DescribeAvailabilityZones": [(200, Self.zones)],
            "DescribeInstances": [(200, Self.page(Self.full))],
        ])
        let update = try await looks("ec2_sd_configs: [{\(Self.keys), port: 9100}]", amazon)[0]
        #expect(update.problems == [])
        #expect(
            update.labels == [
                [
                    "__address__": "10.0.0.1:9100", "__meta_ec2_ami": "ami-1",
                    "__meta_ec2_architecture": "x86_64",
                    "__meta_ec2_availability_zone": "eu-west-2a",
                    "__meta_ec2_availability_zone_id": "euw2-az2",
                    "__meta_ec2_default_ipv6_address": "2001:db8::2",
                    "__meta_ec2_instance_id": "i-1", "__meta_ec2_instance_lifecycle": "spot",
                    "__meta_ec2_instance_state": "running",
                    "__meta_ec2_instance_type": "t3.micro",
                    "__meta_ec2_ipv6_addresses": ",2001:db8::1,2001:db8::2,",
                    "__meta_ec2_owner_id": "1234", "__meta_ec2_platform": "windows",
                    "__meta_ec2_primary_ipv6_addresses": ",,2001:db8::2,",
                    "__meta_ec2_primary_subnet_id": "subnet-1",
                    "__meta_ec2_private_dns_name": "ip-10", "__meta_ec2_private_ip": "10.0.0.1",
                    "__meta_ec2_public_dns_name": "ec2-1", "__meta_ec2_public_ip": "1.2.3.4",
                    "__meta_ec2_region": "eu-west-2",
                    "__meta_ec2_subnet_id": ",subnet-1,subnet-2,",
                    "__meta_ec2_tag_Name": "a & b!", "__meta_ec2_tag_team_x": "<c>",
                    "__meta_ec2_vpc_id": "vpc-1",
                ]
            ])
    }

    @Test func allPagesAreAskedForWithTheFilters() async throws {
        let six = """
            <vpcId>v</vpcId><networkInterfaceSet><item><subnetId>s</subnetId><ipv6AddressesSet>
            <item><ipv6Address>2001:db8::9</ipv6Address></item></ipv6AddressesSet></item>
            </networkInterfaceSet>
            """
        let first = Self.small("i-1", "<privateIpAddress>10.0.0.1</privateIpAddress>")
        let amazon = Amazon([
            "DescribeInstances": [
                (200, Self.page(first, next: "t/1")),
                (200, Self.page(Self.small("i-2", six) + Self.small("i-3", ""))),
            ]
        ])
        let job = """
            ec2_sd_configs: [{\(Self.keys), filters: [
              {name: 'tag:a', values: [x, y z]}, {name: instance-state-name, values: [running]}]}]
            """
        let update = try await looks(job, amazon)[0]
        #expect(update.addresses == ["10.0.0.1:80", "[2001:db8::9]:80"])
        let filters =
            "Filter.1.Name=tag%3Aa&Filter.1.Value.1=x&Filter.1.Value.2=y+z"
            + "&Filter.2.Name=instance-state-name&Filter.2.Value.1=running"
        let start = "Action=DescribeInstances&Version=2016-11-15&\(filters)"
        #expect(amazon.bodies("DescribeInstances") == [start, start + "&NextToken=t%2F1"])
    }

    @Test func requestsAreSigned() async throws {
        let amazon = Amazon(["DescribeInstances": [(200, Self.page(""))]])
        let update = try await looks(
            "ec2_sd_configs: [{\(Self.keys), refresh_interval: 20s}]", amazon)[0]
        #expect(update.groups?.map(\.targets) == [[]])
        let request = try #require(amazon.requests.withLock { $0.last })
        #expect(request.url == "https://ec2.eu-west-2.amazonaws.com/")
        #expect(request.method == "POST" && request.timeout == .seconds(20))
        #expect(
            request.headers.contains { $0.name == "X-Amz-Date" && $0.value == "20231114T221320Z" })
        guard case .scheme("AWS4-HMAC-SHA256", let credentials) = request.authorization else {
            Issue.record("not signed")
            return
        }
        #expect(credentials.hasPrefix("Credential=AKID/20231114/eu-west-2/ec2/aws4_request, "))
        #expect(!credentials.contains("geheim"))
    }

    @Test func whatIsNotConfiguredIsLookedForAtTheMachine() async throws {
        let base = "http://169.254.169.254/latest"
        let roles = base + "/meta-data/iam/security-credentials/"
        let amazon = Amazon([
            base + "/api/token": [(200, "token")],
            base + "/meta-data/placement/region": [(200, "cn-north-1\n")],
            roles: [(200, "role1\n")],
            roles + "role1": [
                (200, #"{"AccessKeyId": "TEMP", "SecretAccessKey": "s", "Token": "session"}"#)
            ],
            "DescribeInstances": [(200, Self.page(""))],
        ])
        // A key without its secret counts as none.
        let update = try await looks("ec2_sd_configs: [{access_key: AKID}]", amazon)[0]
        #expect(update.problems == [] && update.groups?.first?.place == "cn-north-1")
        let request = try #require(amazon.requests.withLock { $0.last })
        #expect(request.url == "https://ec2.cn-north-1.amazonaws.com.cn/")
        #expect(
            request.headers.contains {
                $0.name == "X-Amz-Security-Token" && $0.value == "session"
            })
    }

    @Test func withoutARegionThereIsNothingToAsk() async throws {
        let update = try await looks(
            "ec2_sd_configs: [{}]", Amazon([:]),
            variables: ["AWS_EC2_METADATA_DISABLED": "true"])[0]
        #expect(update.groups == nil)
        #expect(
            update.problems.first?.hasPrefix("could not determine AWS region: ") == true,
            "\(update.problems)")
    }

    @Test(arguments: [
        (403, "<Response><Errors>AuthFailure</Errors></Response>", "status 403: <Response>"),
        (200, "<a><b></a>", "</a> does not end <b>"), (200, "", "expected an element"),
        (200, "<!DOCTYPE x><a/>", "a document type is not read"),
        (200, "<a>&x;</a>", "unknown reference"), (200, "<a><![CDATA[]]", "expected ]]>"),
        (200, "<a/>b", "unexpected text behind the document"), (200, "<a b='>'", "unexpected end"),
        (200, String(repeating: "<a>", count: 200), "deeper than 100 (XMLElement.maximumDepth)"),
    ])
    func anAnswerOfNoUseKeepsTheTargets(
        status: Int, body: String, expected: String
    ) async throws {
        let amazon = Amazon(["DescribeInstances": [(status, body)]])
        let update = try await looks("ec2_sd_configs: [{\(Self.keys)}]", amazon)[0]
        #expect(update.groups == nil)
        #expect(update.problems.first?.contains(expected) == true, "\(update.problems)")
    }

    @Test func whatIsThrottledIsAskedForAgain() async throws {
        let page = Self.page(Self.small("i-1", "<privateIpAddress>10.0.0.1</privateIpAddress>"))
        let amazon = Amazon([
            "DescribeAvailabilityZones": [(200, Self.zones)],
            "DescribeInstances": [
                (503, "<Response><Errors><Error><Code>RequestLimitExceeded</Code>"), (200, page),
            ],
        ])
        let discovery = DiscoveryLooks()
        let clock = discovery.clock
        let passing = Task { await clock.advanceToNext(sleepers: 1) }
        let update = try await looks("ec2_sd_configs: [{\(Self.keys)}]", amazon, discovery)[0]
        await passing.value
        #expect(update.problems == [] && update.addresses == ["10.0.0.1:80"])
        #expect(amazon.bodies("DescribeInstances").count == 2)
    }

    @Test func noErrorTellsASecret() async throws {
        let body = "SignatureDoesNotMatch: x-amz-security-token:session, Credential=AKID, geheim"
        let amazon = Amazon(["DescribeInstances": [(403, body)]])
        let update = try await looks(
            "ec2_sd_configs: [{}]", amazon,
            variables: [
                "AWS_ACCESS_KEY_ID": "AKID", "AWS_SECRET_ACCESS_KEY": "geheim",
                "AWS_SESSION_TOKEN": "session", "AWS_REGION": "eu-west-2",
            ])[0]
        let problem = try #require(update.problems.first)
        #expect(
            problem
                == "Post \"https://ec2.eu-west-2.amazonaws.com/\" (DescribeInstances): server returned HTTP status 403: SignatureDoesNotMatch: x-amz-security-token:<secret>, Credential=<secret>, <secret>"
        )
    }

    @Test func whereServicesAreMayStandInTheEnvironment() async throws {
        let amazon = Amazon(["DescribeInstances": [(200, Self.page(""))]])
        let variables = [
            "AWS_ENDPOINT_URL_EC2": "http://one:1", "AWS_ENDPOINT_URL": "http://all:1",
        ]
        for (more, expected) in [
            ([:], "http://one:1/"), (["AWS_ENDPOINT_URL_EC2": ""], "http://all:1/"),
            (
                ["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"],
                "https://ec2.eu-west-2.amazonaws.com/"
            ),
        ] {
            _ = try await looks(
                "ec2_sd_configs: [{\(Self.keys)}]", amazon,
                variables: variables.merging(more) { $1 })
            #expect(amazon.requests.withLock { $0.last }?.url == expected)
        }
    }

    @Test func zonesAreAskedForUntilTheyAreKnown() async throws {
        let amazon = Amazon([
            "DescribeAvailabilityZones": [(403, "no"), (200, Self.zones)],
            "DescribeInstances": [(200, Self.page(Self.full))],
        ])
        let updates = try await looks("ec2_sd_configs: [{\(Self.keys)}]", amazon, count: 3)
        #expect(
            updates.map { $0.labels.first?["__meta_ec2_availability_zone_id"] }
                == [nil, "euw2-az2", "euw2-az2"])
        #expect(amazon.bodies("DescribeAvailabilityZones").count == 2)
    }

    @Test func lightsailsInstancesAreTargets() async throws {
        let url = "https://sail.x/in/"
        let amazon = Amazon([
            url: [
                (
                    200,
                    """
                    {"instances": [
                      {"name": "web", "privateIpAddress": "10.0.0.1", "publicIpAddress": "1.2.3.4",
                       "ipv6Addresses": ["fd00::1", "fd00::2"], "blueprintId": "debian",
                       "bundleId": "nano", "supportCode": "s/1", "state": {"name": "running"},
                       "location": {"availabilityZone": "eu-west-2a"},
                       "tags": [{"key": "a-b", "value": "c"}]},
                      {"name": "none"}]}
                    """
                )
            ]
        ])
        let update = try await looks(
            "lightsail_sd_configs: [{\(Self.keys), endpoint: 'https://sail.x/in', port: 1}]",
            amazon)[0]
        #expect(update.problems == [])
        #expect(
            update.labels == [
                [
                    "__address__": "10.0.0.1:1", "__meta_lightsail_private_ip": "10.0.0.1",
                    "__meta_lightsail_public_ip": "1.2.3.4",
                    "__meta_lightsail_region": "eu-west-2",
                    "__meta_lightsail_availability_zone": "eu-west-2a",
                    "__meta_lightsail_blueprint_id": "debian",
                    "__meta_lightsail_bundle_id": "nano",
                    "__meta_lightsail_instance_name": "web",
                    "__meta_lightsail_instance_state": "running",
                    "__meta_lightsail_instance_support_code": "s/1",
                    "__meta_lightsail_ipv6_addresses": ",fd00::1,fd00::2,",
                    "__meta_lightsail_tag_a_b": "c",
                ]
            ])
        let request = try #require(amazon.requests.withLock { $0.last })
        #expect(
            request.headers.contains {
                $0.name == "X-Amz-Target" && $0.value == "Lightsail_20161128.GetInstances"
            })
    }

    @Test func theRolesOfAWSAreTheirOwnSections() throws {
        let text = """
            scrape_configs:
            - job_name: j
              aws_sd_configs:
              - {role: ec2, region: r, port: 0, refresh_interval: 0s, filters: [{name: a, values: [b]}]}
              - {role: lightsail, region: r, port: 7, access_key: k, secret_key: s}
              - {role: msk, clusters: [c]}
              - {role: ecs, port: 0}
              - {role: elasticache, clusters: [x, 'arn:aws:elasticache:r:1:serverlesscache:n']}
              - {role: rds, clusters: [c], filters: [{name: a}]}
              ecs_sd_configs: [{request_concurrency: 0}]
              rds_sd_configs: [{request_concurrency: -1, port: 0}]
              msk_sd_configs: [{request_concurrency: 3}]
            """
        let result = TocsinConfiguration.load(
            text: Array(text.utf8), path: "t.yml", environment: [:])
        let found = try result.get().scrapeConfigurations[0].discoveries
        #expect(found.ec2.count == 1 && found.lightsail.count == 1)
        #expect(found.ec2[0].port == 80 && found.ec2[0].refreshInterval == .minutes(1))
        #expect(found.ec2[0].filters == [DiscoveryFilter(name: "a", values: ["b"])])
        #expect(found.lightsail[0].port == 7 && found.lightsail[0].identity.accessKey == "k")
        #expect(found.msk.map(\.clusters) == [["c"], []])
        #expect(found.msk.map(\.requestConcurrency) == [10, 3])
        #expect(found.ecs.map(\.requestConcurrency) == [20, 20] && found.ecs[0].port == 80)
        #expect(found.rds.map(\.requestConcurrency) == [10, 1000] && found.rds[1].port == 0)
        #expect(found.rds[0].filters == [DiscoveryFilter(name: "a", values: [])])
        #expect(found.elasticache.count == 1)
        #expect(
            result.problems.map(\.description) == [
                "t.yml:8:25: warning: scrape_configs[0].aws_sd_configs[4].clusters: \"x\" is no ARN of ElastiCache: it is left out",
                "t.yml:10:21: warning: scrape_configs[0].ecs_sd_configs[0].request_concurrency: 0 allows no request: 20 are made at a time",
            ])
    }

    @Test(arguments: [
        ("aws_sd_configs: [{}]", "unknown AWS SD role \"\""),
        ("aws_sd_configs: [{role: ec}]", "unknown AWS SD role \"ec\", expected one of ec2, ecs,"),
        (
            "ec2_sd_configs: [{filters: [{name: a}]}]",
            "EC2 SD configuration filter values cannot be empty"
        ),
        ("lightsail_sd_configs: [{filters: []}]", "field filters not found"),
        ("ec2_sd_configs: [{clusters: []}]", "field clusters not found"),
        ("aws_sd_configs: [{role: ecs, request_concurrency: 1}]", "field request_concurrency not"),
        ("msk_sd_configs: [{filters: []}]", "field filters not found"),
        ("rds_sd_configs: [{filter: []}]", "field filter not found"),
    ])
    func whatIsWrongIsSaid(job: String, expected: String) {
        let text = "scrape_configs:\n- job_name: j\n  " + job
        let result = TocsinConfiguration.load(
            text: Array(text.utf8), path: "t.yml", environment: [:])
        #expect(result.errors.contains { $0.description.contains(expected) }, "\(result.errors)")
    }
}
