import Scrape
import Testing

/// Tasks of Amazon's container service, on machines of EC2's and without.
@Suite(.timeLimit(.minutes(1))) struct ECSDiscoveryTests {
    private static let clusters = """
        {"clusters": [
          {"clusterArn": "arn:c/one", "clusterName": "one", "tags": [{"key": "a-b", "value": "c"}]},
          {"clusterArn": "arn:c/two", "clusterName": "two"}], "failures": []}
        """

    private static func interface(_ address: String, _ id: String) -> String {
        """
        "attachments": [{"type": "Other"}, {"type": "ElasticNetworkInterface", "details": [
          {"name": "subnetId", "value": "subnet-1"}, {"name": "networkInterfaceId", "value": "\(id)"},
          {"name": "macAddress"}, {"value": "x"},
          {"name": "privateIPv4Address", "value": "\(address)"}]}]
        """
    }

    private static let tasks = """
        {"tasks": [
          {"taskArn": "arn:t/1", "group": "service:web", "taskDefinitionArn": "arn:d/1",
           "availabilityZone": "eu-west-2a", "desiredStatus": "RUNNING", "lastStatus": "PENDING",
           "launchType": "FARGATE", "healthStatus": "HEALTHY", "platformFamily": "Linux",
           "platformVersion": "1.4.0", "tags": [{"key": "team", "value": "x"}],
           \(interface("10.0.0.1", "eni-1"))},
          {"taskArn": "arn:t/2", "group": "family:batch", "launchType": "EC2",
           "containerInstanceArn": "arn:i/1"},
          {"taskArn": "arn:t/3", "containerInstanceArn": "arn:i/1", \(interface("fd00::1", "eni-2"))},
          {"taskArn": "arn:t/4", "containerInstanceArn": "arn:i/unknown"},
          {"taskArn": "arn:t/5"}]}
        """

    private static let machines = """
        <DescribeInstancesResponse><reservationSet><item><instancesSet><item>
        <instanceId>i-1</instanceId><privateIpAddress>10.0.0.9</privateIpAddress>
        <ipAddress>1.2.3.4</ipAddress><subnetId>subnet-9</subnetId>
        <instanceType>t3.micro</instanceType>
        <tagSet><item><key>Name</key><value>host</value></item></tagSet>
        </item></instancesSet></item></reservationSet></DescribeInstancesResponse>
        """

    private static let interfaces = """
        <DescribeNetworkInterfacesResponse><networkInterfaceSet>
        <item><networkInterfaceId>eni-1</networkInterfaceId>
          <association><publicIp>5.6.7.8</publicIp></association></item>
        <item><networkInterfaceId>eni-2</networkInterfaceId></item>
        </networkInterfaceSet></DescribeNetworkInterfacesResponse>
        """

    private static let answers: [String: String] = [
        "ListClusters": #"{"clusterArns": ["arn:c/one", "arn:c/two"]}"#,
        "DescribeClusters": clusters,
        "ListServices": #"{"serviceArns": ["arn:s/web"]}"#,
        "DescribeServices": """
        {"services": [{"serviceArn": "arn:s/web", "serviceName": "web", "status": "ACTIVE",
          "tags": [{"key": "tier", "value": "front"}]}]}
        """,
        "ListTasks": #"{"taskArns": []}"#,
        "DescribeTasks": tasks,
        "DescribeContainerInstances": """
        {"containerInstances": [{"containerInstanceArn": "arn:i/1", "ec2InstanceId": "i-1"}, {}]}
        """,
        "DescribeInstances": machines, "DescribeNetworkInterfaces": interfaces,
    ]

    /// Cluster one has tasks, and cluster two none.
    private static func amazon(
        _ changes: [String: FakeAmazon.Answer] = [:]
    ) -> FakeAmazon {
        var all: [String: FakeAmazon.Answer] = answers.mapValues { text in
            { _ in (200, text) }
        }
        all["ListTasks"] = { body in
            body.contains("arn:c/one")
                ? (200, #"{"taskArns": ["arn:t/1", "arn:t/2"]}"#) : (200, #"{"taskArns": []}"#)
        }
        return FakeAmazon(all.merging(changes) { $1 })
    }

    @Test func tasksAreTargets() async throws {
        let amazon = Self.amazon()
        let update = try await amazon.looks("ecs_sd_configs: [{\(FakeAmazon.keys), port: 9100}]")[0]
        #expect(update.problems == [])
        let cluster = [
            "__meta_ecs_cluster": "one", "__meta_ecs_cluster_arn": "arn:c/one",
            "__meta_ecs_region": "eu-west-2", "__meta_ecs_tag_cluster_a_b": "c",
        ]
        let machine = [
            "__meta_ecs_container_instance_arn": "arn:i/1", "__meta_ecs_ec2_instance_id": "i-1",
            "__meta_ecs_ec2_instance_type": "t3.micro", "__meta_ecs_tag_ec2_Name": "host",
            "__meta_ecs_ec2_instance_private_ip": "10.0.0.9",
            "__meta_ecs_ec2_instance_public_ip": "1.2.3.4",
        ]
        let expected: [[String: String]] = [
            [
                "__address__": "10.0.0.1:9100", "__meta_ecs_ip_address": "10.0.0.1",
                "__meta_ecs_network_mode": "awsvpc", "__meta_ecs_subnet_id": "subnet-1",
                "__meta_ecs_public_ip": "5.6.7.8", "__meta_ecs_task_arn": "arn:t/1",
                "__meta_ecs_task_group": "service:web", "__meta_ecs_task_definition": "arn:d/1",
                "__meta_ecs_availability_zone": "eu-west-2a",
                "__meta_ecs_desired_status": "RUNNING", "__meta_ecs_last_status": "PENDING",
                "__meta_ecs_launch_type": "FARGATE", "__meta_ecs_health_status": "HEALTHY",
                "__meta_ecs_platform_family": "Linux", "__meta_ecs_platform_version": "1.4.0",
                "__meta_ecs_tag_task_team": "x", "__meta_ecs_service": "web",
                "__meta_ecs_service_arn": "arn:s/web", "__meta_ecs_service_status": "ACTIVE",
                "__meta_ecs_tag_service_tier": "front",
            ].merging(cluster) { $1 },
            [
                "__address__": "10.0.0.9:9100", "__meta_ecs_ip_address": "10.0.0.9",
                "__meta_ecs_network_mode": "bridge", "__meta_ecs_subnet_id": "subnet-9",
                "__meta_ecs_public_ip": "1.2.3.4", "__meta_ecs_task_arn": "arn:t/2",
                "__meta_ecs_task_group": "family:batch", "__meta_ecs_launch_type": "EC2",
            ].merging(cluster) { $1 }.merging(machine) { $1 },
            [
                "__address__": "[fd00::1]:9100", "__meta_ecs_ip_address": "fd00::1",
                "__meta_ecs_network_mode": "awsvpc", "__meta_ecs_subnet_id": "subnet-1",
                "__meta_ecs_task_arn": "arn:t/3",
            ].merging(cluster) { $1 }.merging(machine) { $1 },
        ]
        #expect(update.labels == expected)
        #expect(amazon.bodies("DescribeServices").count == 1)
        #expect(amazon.bodies("DescribeContainerInstances").count == 1)
        #expect(
            amazon.bodies("DescribeTasks") == [
                #"{"cluster":"arn:c/one","include":["TAGS"],"tasks":["arn:t/1","arn:t/2"]}"#
            ])
        #expect(
            amazon.bodies("DescribeInstances").map { $0.hasSuffix("&InstanceId.1=i-1") } == [true])
        #expect(amazon.asked("DescribeInstances")[0].url.hasPrefix("https://ec2.eu-west-2."))
    }

    @Test func listsAreAskedForInPagesAndBatches() async throws {
        let amazon = Self.amazon([
            "ListTasks": { body in
                let (start, next) =
                    body.contains(#""nextToken":"2""#)
                    ? (200, "") : body.contains(#""nextToken":"1""#) ? (100, "2") : (0, "1")
                if body.contains("arn:c/two") { return (200, "{}") }
                let arns = (start..<start + 100).prefix(start == 200 ? 50 : 100)
                    .map { "\"t\($0)\"" }.joined(separator: ",")
                return (200, "{\"taskArns\": [\(arns)], \"nextToken\": \"\(next)\"}")
            },
            "ListServices": { _ in
                let arns = (0..<25).map { "\"s\($0)\"" }.joined(separator: ",")
                return (200, "{\"serviceArns\": [\(arns)]}")
            },
        ])
        let update = try await amazon.looks("ecs_sd_configs: [{\(FakeAmazon.keys)}]")[0]
        #expect(update.problems == [])
        #expect(amazon.bodies("DescribeTasks").count == 3)
        #expect(amazon.bodies("DescribeServices").count == 3)
        #expect(
            amazon.bodies("ListTasks").filter { $0.contains("arn:c/one") } == [
                #"{"cluster":"arn:c/one","maxResults":100}"#,
                #"{"cluster":"arn:c/one","maxResults":100,"nextToken":"1"}"#,
                #"{"cluster":"arn:c/one","maxResults":100,"nextToken":"2"}"#,
            ])
    }

    @Test func configuredClustersAreNotListed() async throws {
        let amazon = Self.amazon()
        let update = try await amazon.looks(
            "aws_sd_configs: [{\(FakeAmazon.keys), role: ecs, clusters: [one, 'arn:c/two']}]")[0]
        #expect(update.addresses.count == 3)
        #expect(amazon.asked("ListClusters").isEmpty)
    }

    @Test func noClustersAreNoTargets() async throws {
        let amazon = Self.amazon(["ListClusters": { _ in (200, "{}") }])
        let update = try await amazon.looks("ecs_sd_configs: [{\(FakeAmazon.keys)}]")[0]
        #expect(update.problems == [] && update.groups?.map(\.targets) == [[]])
        #expect(amazon.requests.count == 1)
    }

    @Test(arguments: [
        ("ListClusters", 400, #"{"__type": "AccessDenied"}"#, "(ListClusters): server returned"),
        ("DescribeTasks", 200, "{\"tasks\": [\n 5]}", "(DescribeTasks): 2:2: "),
        ("DescribeClusters", 200, #"{"failures": []}"#, #"ECS knows no cluster "arn:c/one""#),
        ("DescribeServices", 200, "", "(DescribeServices): 1:1: "),
        ("DescribeInstances", 200, "<a>", "(DescribeInstances): byte 3: "),
        ("DescribeNetworkInterfaces", 500, "down", "server returned HTTP status 500: down"),
    ])
    func anErrorAnywhereKeepsAllTargets(
        action: String, status: Int, body: String, expected: String
    ) async throws {
        let amazon = Self.amazon([action: { _ in (status, body) }])
        let update = try await amazon.looks("ecs_sd_configs: [{\(FakeAmazon.keys)}]")[0]
        #expect(update.groups == nil)
        #expect(update.problems.first?.contains(expected) == true, "\(update.problems)")
    }
}
