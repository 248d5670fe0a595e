import Scrape
import Testing

/// Amazon's databases and caches.
@Suite(.timeLimit(.minutes(1))) struct DatabaseDiscoveryTests {
    private static func clusters(_ members: String, next: String = "") -> String {
        """
        <DescribeDBClustersResponse><DescribeDBClustersResult>
        \(next.isEmpty ? "" : "<Marker>\(next)</Marker>")
        <DBClusters>\(members)</DBClusters></DescribeDBClustersResult></DescribeDBClustersResponse>
        """
    }

    private static func instances(_ members: String) -> String {
        """
        <DescribeDBInstancesResponse><DescribeDBInstancesResult><DBInstances>\(members)
        </DBInstances></DescribeDBInstancesResult></DescribeDBInstancesResponse>
        """
    }

    private static let cluster = """
        <DBCluster><DBClusterArn>arn:c/1</DBClusterArn>
        <DBClusterIdentifier>orders</DBClusterIdentifier><Port>5432</Port><MultiAZ>true</MultiAZ>
        <ClusterCreateTime>2024-01-02T03:04:05.678Z</ClusterCreateTime><Endpoint>e.x</Endpoint>
        <DBClusterMembers><DBClusterMember><DBInstanceIdentifier>one</DBInstanceIdentifier>
          <IsClusterWriter>true</IsClusterWriter></DBClusterMember></DBClusterMembers>
        <TagList><Tag><Key>a-b</Key><Value>c</Value></Tag></TagList></DBCluster>
        """

    private static let instance = """
        <DBInstance><DBInstanceArn>arn:i/1</DBInstanceArn>
        <DBInstanceIdentifier>one</DBInstanceIdentifier><Engine>aurora</Engine>
        <Endpoint><Address>one.x</Address><Port>5432</Port><HostedZoneId>Z</HostedZoneId></Endpoint>
        <DBSubnetGroup><DBSubnetGroupName>group</DBSubnetGroupName></DBSubnetGroup>
        <PercentProgress/><TagList><Tag><Key>team</Key><Value>x</Value></Tag></TagList></DBInstance>
        <DBInstance><DBInstanceIdentifier>new</DBInstanceIdentifier></DBInstance>
        """

    @Test func instancesOfDatabasesAreTargets() async throws {
        let amazon = FakeAmazon([
            "DescribeDBClusters": { body in
                body.contains("&Marker=m%2F1")
                    ? (200, Self.clusters("<DBCluster/>"))
                    : (200, Self.clusters(Self.cluster, next: "m/1"))
            },
            "DescribeDBInstances": { _ in (200, Self.instances(Self.instance)) },
        ])
        let update = try await amazon.looks(
            "rds_sd_configs: [{\(FakeAmazon.keys), port: 9187, filters: [{name: engine, values: [a, b]}]}]"
        )[0]
        #expect(update.problems == [])
        let cluster = [
            "__meta_rds_cluster_arn": "arn:c/1", "__meta_rds_cluster_identifier": "orders",
            "__meta_rds_cluster_port": "5432", "__meta_rds_cluster_multi_az": "true",
            "__meta_rds_cluster_cluster_create_time": "2024-01-02T03:04:05Z",
            "__meta_rds_cluster_endpoint": "e.x", "__meta_rds_cluster_tag_a_b": "c",
        ]
        #expect(
            update.labels == [
                cluster.merging([
                    "__address__": "one.x:9187", "__meta_rds_instance_arn": "arn:i/1",
                    "__meta_rds_instance_identifier": "one", "__meta_rds_instance_engine": "aurora",
                    "__meta_rds_instance_endpoint_address": "one.x",
                    "__meta_rds_instance_endpoint_port": "5432",
                    "__meta_rds_instance_endpoint_hosted_zone_id": "Z",
                    "__meta_rds_instance_subnet_group": "group",
                    "__meta_rds_instance_is_cluster_writer": "true",
                    "__meta_rds_instance_tag_team": "x",
                ]) { $1 },
                cluster.merging(["__meta_rds_instance_identifier": "new"]) { $1 },
            ])
        #expect(
            amazon.bodies("DescribeDBInstances") == [
                "Action=DescribeDBInstances&Version=2014-10-31"
                    + "&Filters.Filter.1.Name=db-cluster-id&Filters.Filter.1.Values.Value.1=arn%3Ac%2F1"
                    + "&Filters.Filter.2.Name=engine&Filters.Filter.2.Values.Value.1=a"
                    + "&Filters.Filter.2.Values.Value.2=b&MaxRecords=100"
            ])
        #expect(amazon.requests[0].url == "https://rds.eu-west-2.amazonaws.com/")
    }

    @Test func clustersOfDatabasesThatAreConfiguredMustBeThere() async throws {
        let amazon = FakeAmazon([
            "DescribeDBClusters": { body in
                (200, Self.clusters(body.contains("=gone") ? "" : Self.cluster))
            },
            "DescribeDBInstances": { _ in (200, Self.instances("")) },
        ])
        let job = "aws_sd_configs: [{\(FakeAmazon.keys), role: rds, clusters: "
        let found = try await amazon.looks(job + "[orders]}]")[0]
        #expect(found.problems == [] && found.groups?.map(\.targets) == [[]])
        let gone = try await amazon.looks(job + "[orders, gone]}]")[0]
        #expect(gone.groups == nil && gone.problems == [#"RDS knows no cluster "gone""#])
    }

    // MARK: Caches

    private static func list(_ name: String, _ members: String, next: String = "") -> String {
        """
        <Describe\(name)Response><Describe\(name)Result><\(name)>\(members)</\(name)>\(next)
        </Describe\(name)Result></Describe\(name)Response>
        """
    }

    private static let serverless = """
        <member><ServerlessCacheName>s</ServerlessCacheName><ARN>arn:s</ARN>
        <CreateTime>2024-01-02T03:04:05.678Z</CreateTime><DailySnapshotTime>03:00</DailySnapshotTime>
        <Endpoint><Address>s.x</Address><Port>6379</Port></Endpoint>
        <ReaderEndpoint><Address>r.x</Address><Port>6380</Port></ReaderEndpoint>
        <SecurityGroupIds><SecurityGroupId>sg-1</SecurityGroupId></SecurityGroupIds>
        <SubnetIds><SubnetId>n-1</SubnetId><SubnetId>n-2</SubnetId></SubnetIds>
        <CacheUsageLimits><DataStorage><Maximum>10</Maximum><Unit>GB</Unit></DataStorage>
        <ECPUPerSecond><Minimum>1000</Minimum></ECPUPerSecond></CacheUsageLimits></member>
        """

    private static let nodes = """
        <CacheCluster><CacheClusterId>c</CacheClusterId><ARN>arn:c</ARN>
        <ConfigurationEndpoint><Address>conf.x</Address></ConfigurationEndpoint>
        <PendingModifiedValues><CacheNodeIdsToRemove><CacheNodeId>1</CacheNodeId>
          <CacheNodeId>2</CacheNodeId></CacheNodeIdsToRemove></PendingModifiedValues>
        <LogDeliveryConfigurations><LogDeliveryConfiguration><LogType>slow-log</LogType>
          <DestinationDetails><CloudWatchLogsDetails><LogGroup>g</LogGroup></CloudWatchLogsDetails>
          </DestinationDetails></LogDeliveryConfiguration></LogDeliveryConfigurations>
        <SecurityGroups><member><SecurityGroupId>sg-1</SecurityGroupId><Status>active</Status>
          </member></SecurityGroups>
        <CacheNodes>
          <CacheNode><CacheNodeId>0001</CacheNodeId>
            <Endpoint><Address>n1.x</Address><Port>11211</Port></Endpoint></CacheNode>
          <CacheNode><CacheNodeId>0002</CacheNodeId></CacheNode></CacheNodes></CacheCluster>
        """

    private static func amazon() -> FakeAmazon {
        FakeAmazon([
            "DescribeServerlessCaches": { body in
                body.contains("NextToken=t")
                    ? (200, list("ServerlessCaches", ""))
                    : (200, list("ServerlessCaches", serverless, next: "<NextToken>t</NextToken>"))
            },
            "DescribeCacheClusters": { _ in (200, list("CacheClusters", nodes)) },
            "ListTagsForResource": { body in
                let tag = body.contains("arn%3As") ? "team" : "a-b"
                return (
                    200,
                    """
                    <ListTagsForResourceResponse><ListTagsForResourceResult><TagList>
                    <Tag><Key>\(tag)</Key><Value>x</Value></Tag></TagList>
                    </ListTagsForResourceResult></ListTagsForResourceResponse>
                    """
                )
            },
        ])
    }

    @Test func cachesAreTargets() async throws {
        let amazon = Self.amazon()
        let update = try await amazon.looks("elasticache_sd_configs: [{\(FakeAmazon.keys)}]")[0]
        #expect(update.problems == [])
        let prefix = "__meta_elasticache_serverless_cache_"
        let cluster = "__meta_elasticache_cache_cluster_"
        let common = [
            "__meta_elasticache_deployment_option": "node", cluster + "arn": "arn:c",
            cluster + "cache_cluster_id": "c", cluster + "configuration_endpoint_address": "conf.x",
            cluster + "pending_modified_values_cache_node_ids_to_remove": "1,2",
            cluster + "log_delivery_configuration_log_type_0": "slow-log",
            cluster + "log_delivery_configuration_log_group_0": "g",
            cluster + "security_group_membership_id_0": "sg-1",
            cluster + "security_group_membership_status_0": "active", cluster + "tag_a_b": "x",
        ]
        let expected: [[String: String]] = [
            [
                "__address__": "s.x:6379", "__meta_elasticache_deployment_option": "serverless",
                prefix + "name": "s", prefix + "arn": "arn:s",
                prefix + "create_time": "2024-01-02T03:04:05Z",
                prefix + "daily_snapshot_time": "03:00", prefix + "endpoint_address": "s.x",
                prefix + "endpoint_port": "6379", prefix + "endpoint_reader_address": "r.x",
                prefix + "endpoint_reader_port": "6380", prefix + "security_group_id_0": "sg-1",
                prefix + "subnet_id_0": "n-1", prefix + "subnet_id_1": "n-2",
                prefix + "cache_usage_limit_data_storagemaximum": "10",
                prefix + "cache_usage_limit_data_storageunit": "GB",
                prefix + "cache_usage_limit_ecpu_per_secondminimum": "1000",
                prefix + "tag_team": "x",
            ],
            common.merging([
                "__address__": "n1.x:11211", cluster + "node_id": "0001",
                cluster + "node_endpoint_address": "n1.x", cluster + "node_endpoint_port": "11211",
            ]) { $1 },
            common.merging([cluster + "node_id": "0002"]) { $1 },
        ]
        #expect(update.labels == expected)
        #expect(amazon.bodies("DescribeServerlessCaches").count == 2)
        #expect(
            Set(amazon.bodies("DescribeCacheClusters"))
                == Set(
                    ["false", "true"].map {
                        "Action=DescribeCacheClusters&Version=2015-02-02&MaxRecords=100&ShowCacheNodeInfo=true&ShowCacheClustersNotInReplicationGroups=\($0)"
                    }))
        #expect(amazon.bodies("ListTagsForResource").count == 2)
    }

    @Test func configuredCachesAreAskedForByName() async throws {
        let amazon = Self.amazon()
        let arn = "arn:aws:elasticache:eu-west-2:1:"
        _ = try await amazon.looks(
            "elasticache_sd_configs: [{\(FakeAmazon.keys), clusters: ['\(arn)serverlesscache:a', '\(arn)serverlesscache:b', '\(arn)replicationgroup:c', '\(arn)other:d']}]"
        )
        let names = amazon.bodies("DescribeServerlessCaches").compactMap {
            $0.split(separator: "&").first { $0.hasPrefix("ServerlessCacheName=") }
        }
        #expect(Set(names) == ["ServerlessCacheName=a", "ServerlessCacheName=b"])
        #expect(
            amazon.bodies("DescribeCacheClusters").allSatisfy {
                $0.contains("&CacheClusterId=c")
            })
    }

    @Test(arguments: [
        (
            "DescribeDBClusters", 503, "busy",
            "(DescribeDBClusters): server returned HTTP status 503"
        ),
        ("DescribeDBInstances", 200, "<a></b>", "(DescribeDBInstances): byte "),
        (
            "ListTagsForResource", 400, "no",
            "(ListTagsForResource): server returned HTTP status 400"
        ),
        ("DescribeServerlessCaches", 200, "{}", "expected an element"),
    ])
    func anErrorKeepsAllTargets(
        action: String, status: Int, body: String, expected: String
    ) async throws {
        var answers: [String: FakeAmazon.Answer] = [
            "DescribeDBClusters": { _ in (200, Self.clusters(Self.cluster)) },
            "DescribeServerlessCaches": { _ in
                (200, Self.list("ServerlessCaches", Self.serverless))
            },
            "DescribeCacheClusters": { _ in (200, Self.list("CacheClusters", "")) },
        ]
        answers[action] = { _ in (status, body) }
        let section = action.hasPrefix("DescribeDB") ? "rds" : "elasticache"
        let update = try await FakeAmazon(answers)
            .looks("\(section)_sd_configs: [{\(FakeAmazon.keys)}]")[0]
        #expect(update.groups == nil)
        #expect(update.problems.first?.contains(expected) == true, "\(update.problems)")
        #expect(update.problems.first?.contains("https://\(section).eu-west-2.") == true)
    }

    @Test func aListWithoutAnEndIsAnError() async throws {
        let page = Self.clusters("", next: "again")
        let update = try await FakeAmazon(["DescribeDBClusters": page])
            .looks("rds_sd_configs: [{\(FakeAmazon.keys)}]")[0]
        #expect(update.problems == ["more than 10000 pages of DBClusters (AmazonAPI.maximumPages)"])
    }
}
