import Configuration
import Testing

/// Keys of Prometheus: which it takes, which must be there, and what it says of those that do not
/// go together.
struct PrometheusKeyTests {
    private func load(_ text: String) -> LoadResult<TocsinConfiguration> {
        TocsinConfiguration.load(text: Array(text.utf8), path: "p.yml")
    }

    private func errors(ofDiscovery name: String, _ section: String) -> [String] {
        load("scrape_configs: [{job_name: j, \(name)_sd_configs: [{\(section)}]}]").errors
            .map(\.message)
    }

    @Test(arguments: [
        ("aws", "role: rds, clusters: [c]"), ("digitalocean", "role: databases"),
        ("eureka", "server: 'ftp://h/eureka'"), ("kuma", "server: 'grpc://h'"),
        ("nerve", "servers: [s], paths: [/p], timeout: 1s"),
        ("oci", "region: r, auth: instance_principal"),
        ("oci", "region: r, tenancy: t, user: u, fingerprint: f, key_file: k"),
        ("outscale", "access_key: a, secret_key: s"),
        (
            "ovhcloud",
            "application_key: a, application_secret: b, consumer_key: c, service: vps"
        ), ("serverset", "servers: [s], paths: [/p]"), ("stackit", "endpoint: 'h.example'"),
        ("triton", "account: a, dns_suffix: d, endpoint: e, role: cn"), ("vultr", "port: 80"),
    ])
    func discoveriesThatPrometheusTakes(name: String, section: String) {
        #expect(errors(ofDiscovery: name, section).isEmpty)
    }

    @Test(arguments: [
        ("aws", "role: ecs, request_concurrency: 3", "field request_concurrency not found"),
        (
            "digitalocean", "role: droplet",
            "unknown DigitalOcean SD role \"droplet\", expected one of droplets, databases; did you mean droplets?"
        ), ("eureka", "server: h", "eureka_sd: invalid eureka server URL"),
        ("kuma", "", "kuma SD server must not be empty: "),
        ("kuma", "server: h", "kuma SD server must not be empty and have a scheme: h"),
        (
            "marathon", "servers: [s], auth_token: a, auth_token_file: f",
            "marathon_sd: at most one of auth_token & auth_token_file must be configured"
        ),
        (
            "nerve", "servers: [], paths: [/p]",
            "nerve SD config must contain at least one Zookeeper server"
        ), ("nerve", "servers: [s], paths: [p]", "nerve SD config paths must begin with '/': p"),
        ("oci", "auth: instance_principal", "oci_sd: region is required"),
        (
            "oci", "region: r, tenancy: t, user: u, key_file: k",
            "oci_sd: api_key auth requires fingerprint"
        ),
        (
            "oci", "region: r, auth: instance_principal, user: u",
            "oci_sd: instance_principal auth must not have tenancy, user, fingerprint, key_file, key_passphrase, or key_passphrase_file set"
        ), ("outscale", "secret_key: s", "outscale SD configuration requires access_key"),
        (
            "outscale", "region: '', access_key: a, secret_key: s",
            "outscale SD configuration requires a region"
        ),
        (
            "ovhcloud",
            "endpoint: '', application_key: a, application_secret: b, consumer_key: c, service: vps",
            "endpoint can not be empty"
        ),
        (
            "ovhcloud", "application_key: a, application_secret: b, consumer_key: c",
            "unknown service: "
        ), ("serverset", "servers: [s]", "serverset SD config must contain at least one path"),
        (
            "triton", "dns_suffix: d, endpoint: e", "triton SD configuration requires an account"
        ),
    ])
    func discoveriesThatPrometheusRefuses(name: String, section: String, message: String) {
        #expect(errors(ofDiscovery: name, section) == [message])
    }

    @Test func whatIsNotThere() {
        #expect(
            errors(ofDiscovery: "serverset", "servers: [s], paths: [/p], refresh_interval: 1m")
                .first?.hasPrefix("field refresh_interval not found") == true)
        #expect(
            errors(ofDiscovery: "vultr", "label_selector: a").first?
                .hasPrefix("field label_selector not found") == true)
    }

    private static let id = "00000000-0000-0000-0000-000000000000"

    @Test(arguments: [
        "remote_write: [{url: 'http://h', azuread: {managed_identity: {}}}]",
        "remote_write: [{url: 'http://h', azuread: {cloud: AzureChina, scope: 'https://a/.default', oauth: {client_id: \(id), client_secret: s, tenant_id: t}}}]",
        "remote_write: [{url: 'http://h', sigv4: {service_name: aps, role_arn: r, external_id: e}}]",
        "storage: {tsdb: {chunk_encoding: {floats: ''}, stale_series_compaction_threshold: 0.5}}",
        "scrape_configs: [{job_name: j, oauth2: {client_id: i, token_url: 'http://t'}}]",
    ])
    func sectionsThatPrometheusTakes(text: String) {
        let result = load(text)
        #expect(result.errors.isEmpty)
        // What is acted on is not told to be ignored.
        if text.contains("oauth2") { #expect(result.problems.isEmpty) }
    }

    @Test(arguments: [
        (
            "alerting: {alertmanagers: [{basic_auth: {username: u}, sigv4: {}}]}",
            "at most one of basic_auth, authorization, oauth2, & sigv4 must be configured"
        ),
        (
            "remote_write: [{url: 'http://h', basic_auth: {username: u}, google_iam: {}}]",
            "at most one of basic_auth, authorization, oauth2, sigv4, azuread or google_iam must be configured. Currently configured: [basic_auth google_iam]"
        ),
        (
            "remote_write: [{url: 'http://h', sigv4: {secret_key: s}}]",
            "must provide a AWS SigV4 Access key and Secret Key if credentials are specified in the SigV4 config"
        ),
        (
            "remote_write: [{url: 'http://h', azuread: {}}]",
            "must provide an Azure Managed Identity, Azure Workload Identity, Azure OAuth, Azure Certificate or Azure SDK in the Azure AD config"
        ),
        (
            "remote_write: [{url: 'http://h', azuread: {sdk: {}, managed_identity: {}}}]",
            "cannot provide multiple authentication methods in the Azure AD config"
        ),
        (
            "remote_write: [{url: 'http://h', azuread: {workload_identity: {client_id: \(id)}}}]",
            "must provide an Azure Workload Identity tenant_id in the Azure AD config"
        ),
        (
            "remote_write: [{url: 'http://h', azuread: {managed_identity: {client_id: x}}}]",
            "the provided Azure Managed Identity client_id is invalid"
        ),
        (
            "remote_write: [{url: 'http://h', azuread: {cloud: A, sdk: {}}}]",
            "must provide a cloud in the Azure AD config"
        ),
        (
            "remote_read: [{url: 'http://h', headers: {Authorization: a}}]",
            "authorization header must be changed via the basic_auth, authorization, oauth2, sigv4, azuread or google_iam parameter"
        ),
        (
            "remote_read: [{url: 'http://h', headers: {x-amz-date: a}}]",
            "x-amz-date is a reserved header. It must not be changed"
        ),
        (
            "storage: {tsdb: {chunk_encoding: {floats: xor3}}}",
            "'storage.tsdb.chunk_encoding.floats' must be 'xor' or 'xor2', or the field must be omitted entirely, got \"xor3\""
        ),
        (
            "storage: {tsdb: {stale_series_compaction_threshold: half}}",
            "expected a number, found \"half\""
        ),
        (
            "scrape_configs: [{job_name: j, basic_auth: {username: u, username_ref: r}}]",
            "at most one of basic_auth username, username_file & username_ref must be configured"
        ),
        ("global: {query_log_file: [f]}", "expected a text, found a list"),
        ("tracing: {endpoint: [e]}", "expected a text, found a list"),
        (
            "scrape_configs: [{job_name: j, basic_auth: {password_ref: [r]}}]",
            "expected a text, found a list"
        ),
        (
            "scrape_configs: [{job_name: j, tls_config: {ca: a, ca_file: b}}]",
            "at most one of ca, ca_file & ca_ref must be configured"
        ),
        (
            "scrape_configs: [{job_name: j, tls_config: {cert: c, key: a, key_file: b}}]",
            "at most one of key and key_file must be configured"
        ),
        (
            "scrape_configs: [{job_name: j, oauth2: {client_id: i, token_url: t, client_secret: a, client_secret_file: b}}]",
            "at most one of oauth2 client_secret, client_secret_file & client_secret_ref must be configured using grant-type=client_credentials"
        ),
    ])
    func errorsHavePrometheusWords(text: String, message: String) {
        #expect(load(text).errors.map(\.message) == [message])
    }
}
