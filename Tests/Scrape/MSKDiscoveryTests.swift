import Scrape
import Testing
import Transport

/// The nodes of Amazon's clusters of Kafka.
@Suite(.timeLimit(.minutes(1))) struct MSKDiscoveryTests {
    private static let arn = "arn:aws:kafka:eu-west-2:1:cluster/name/id"
    private static let escaped = "arn%3Aaws%3Akafka%3Aeu-west-2%3A1%3Acluster%2Fname%2Fid"

    private static let cluster = """
        {"clusterArn": "\(arn)", "clusterName": "events", "clusterType": "PROVISIONED",
         "state": "ACTIVE", "currentVersion": "K1", "tags": {"a-b": "c"}, "provisioned": {
           "currentBrokerSoftwareInfo": {"kafkaVersion": "3.6.0", "configurationArn": "arn:conf",
             "configurationRevision": 3},
           "openMonitoring": {"prometheus": {"jmxExporter": {"enabledInBroker": true},
             "nodeExporter": {"enabledInBroker": false}}}}}
        """

    private static let nodes = """
        {"nodeInfoList": [
          {"nodeARN": "arn:n/1", "addedToClusterTime": "2024-01-01T00:00:00.5Z",
           "instanceType": "m5.large", "brokerNodeInfo": {"attachedENIId": "eni-1",
             "brokerId": 1.0, "clientSubnet": "subnet-1", "clientVpcIpAddress": "10.0.0.1",
             "endpoints": ["b-1.x", "b-1.y"]}},
          {"nodeARN": "arn:n/2", "zookeeperNodeInfo": {"endpoints": ["z-1.x"]}}],
         "nextToken": "a/b="}
        """
    private static let more = """
        {"nodeInfoList": [
          {"nodeARN": "arn:n/3", "controllerNodeInfo": {"endpoints": ["c-1.x"]}}]}
        """

    private static let list = "/api/v2/clusters?clusterTypeFilter=PROVISIONED&maxResults=100"
    private static let nodeList = "/v1/clusters/\(escaped)/nodes?maxResults=100"

    @Test func nodesAreTargets() async throws {
        let amazon = FakeAmazon([
            Self.list: #"{"clusterInfoList": [\#(Self.cluster)]}"#, Self.nodeList: Self.nodes,
            Self.nodeList + "&nextToken=a%2Fb%3D": Self.more,
        ])
        let update = try await amazon.looks("msk_sd_configs: [{\(FakeAmazon.keys), port: 11001}]")[
            0]
        #expect(update.problems == [])
        let cluster = [
            "__meta_msk_cluster_name": "events", "__meta_msk_cluster_arn": Self.arn,
            "__meta_msk_cluster_state": "ACTIVE", "__meta_msk_cluster_type": "PROVISIONED",
            "__meta_msk_cluster_version": "K1", "__meta_msk_cluster_kafka_version": "3.6.0",
            "__meta_msk_cluster_configuration_arn": "arn:conf",
            "__meta_msk_cluster_configuration_revision": "3",
            "__meta_msk_cluster_jmx_exporter_enabled": "true", "__meta_msk_cluster_tag_a_b": "c",
        ]
        let broker = [
            "__meta_msk_node_type": "BROKER", "__meta_msk_node_arn": "arn:n/1",
            "__meta_msk_node_added_time": "2024-01-01T00:00:00.5Z",
            "__meta_msk_node_instance_type": "m5.large", "__meta_msk_node_attached_eni": "eni-1",
            "__meta_msk_broker_id": "1", "__meta_msk_broker_client_subnet": "subnet-1",
            "__meta_msk_broker_client_vpc_ip": "10.0.0.1",
            "__meta_msk_broker_node_exporter_enabled": "false",
        ].merging(cluster) { $1 }
        #expect(
            update.labels == [
                broker.merging([
                    "__address__": "b-1.x:11001", "__meta_msk_broker_endpoint_index": "0",
                ]) { $1 },
                broker.merging([
                    "__address__": "b-1.y:11001", "__meta_msk_broker_endpoint_index": "1",
                ]) { $1 },
                cluster.merging([
                    "__address__": "c-1.x:11001", "__meta_msk_controller_endpoint_index": "0",
                    "__meta_msk_node_type": "CONTROLLER", "__meta_msk_node_arn": "arn:n/3",
                ]) { $1 },
            ])
        // A signature that Amazon's own library for Python made of this request.
        guard case .scheme(_, let credentials)? = amazon.requests.last?.authorization else {
            Issue.record("not signed")
            return
        }
        #expect(
            credentials.hasSuffix(
                "Signature=7d56113d883c95fb7912c517d7e121a343fe84508c3e850685bff31df0d1aa14"),
            "\(credentials)")
    }

    @Test func ofConfiguredClustersThoseWithoutServersAreLeftOut() async throws {
        let amazon = FakeAmazon([
            "/api/v2/clusters/\(Self.escaped)": #"{"clusterInfo": \#(Self.cluster)}"#,
            "/api/v2/clusters/none":
                #"{"clusterInfo": {"clusterArn": "none", "clusterType": "SERVERLESS"}}"#,
            Self.nodeList: Self.more,
        ])
        let update = try await amazon.looks(
            "aws_sd_configs: [{\(FakeAmazon.keys), role: msk, clusters: [none, '\(Self.arn)']}]")[0]
        #expect(update.problems == [] && update.addresses == ["c-1.x:80"])
    }

    @Test func noClustersAreNoTargets() async throws {
        let update = try await FakeAmazon([Self.list: "{}"])
            .looks("msk_sd_configs: [{\(FakeAmazon.keys)}]")[0]
        #expect(update.problems == [] && update.groups?.map(\.targets) == [[]])
    }

    @Test(arguments: [
        (403, "no", "server returned HTTP status 403: no"),
        (200, "[]", "expected an object"),
        (
            200, #"{"nodeInfoList": [{"brokerNodeInfo": {"brokerId": "1", "endpoints": ["a"]}}]}"#,
            "brokerId"
        ),
        (
            200,
            #"{"nodeInfoList": [{"brokerNodeInfo": {"brokerId": 1e300, "endpoints": ["a"]}}]}"#,
            "brokerId"
        ),
    ])
    func anErrorKeepsAllTargets(status: Int, body: String, expected: String) async throws {
        let amazon = FakeAmazon([
            Self.list: { _ in (200, #"{"clusterInfoList": [\#(Self.cluster)]}"#) },
            Self.nodeList: { _ in (status, body) },
        ])
        let update = try await amazon.looks("msk_sd_configs: [{\(FakeAmazon.keys)}]")[0]
        #expect(update.groups == nil)
        let problem = try #require(update.problems.first)
        #expect(problem.hasPrefix("Get \"https://kafka.eu-west-2.amazonaws.com/v1/clusters/"))
        #expect(problem.contains(expected), "\(problem)")
    }
}
