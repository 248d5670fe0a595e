import Configuration
import Model
import Testing

/// No secret in a problem, a description or a dump, however wrong the file is.
struct SecretTests {
    private static let notifiers = """
        global:
          slack_api_url: ftp://hush-1/
          smtp_auth_password: hush-2
          smtp_auth_password_file: x
          http_config: {proxy_url: "http://u:hush-3@p", bearer_token: [hush-4]}
        route: {receiver: r}
        receivers:
          - name: r
            webhook_configs: [{url: "hush-5:/x"}]
            slack_configs: [{api_url: hush-6, app_token: hush-7}]
            pagerduty_configs: [{routing_key: {k: hush-8}}]
        """
    private static let scrapes = """
        scrape_configs:
          - job_name: a
            basic_auth: {username: u, password: hush-1, password_file: p}
            bearer_token: hush-2
            authorization: {type: basic, credentials: hush-3}
            http_headers: {X-Key: {secrets: [hush-4]}}
            oauth2: {client_id: i, client_secret: hush-5}
            proxy_url: http://u:hush-6@p
        """

    @Test func problemsNameNoSecret() {
        let found =
            NotifierConfiguration.load(text: Array(Self.notifiers.utf8), path: "n").problems
            + TocsinConfiguration.load(text: Array(Self.scrapes.utf8), path: "t").problems
        #expect(found.count > 8)
        for problem in found { #expect(!problem.description.contains("hush"), "\(problem)") }
    }

    @Test func configurationsPrintNoSecret() throws {
        let notifiers = try NotifierConfiguration.load(
            text: Array(
                """
                global: {slack_api_url: "http://hush/", smtp_auth_password: hush}
                route: {receiver: r}
                receivers:
                  - name: r
                    slack_configs: [{channel: c}]
                    pagerduty_configs: [{routing_key: hush}]
                    webhook_configs: [{url: "http://hush/", http_config: {basic_auth: {username: hush, password: hush}}}]
                    email_configs: [{to: a, from: b, smarthost: "c:25"}]
                """.utf8), path: "n"
        ).get()
        var dumped = ""
        dump(notifiers, to: &dumped)
        #expect(dumped.contains("slack"))
        #expect(!dumped.contains("hush"))
        #expect(!String(describing: notifiers).contains("hush"))
        #expect(!String(reflecting: notifiers).contains("hush"))
    }

    @Test func aSecretOfAFileIsItsPath() throws {
        let text = """
            scrape_configs:
              - job_name: a
                basic_auth: {username: u, password_file: secrets/p}
            """
        let job = try TocsinConfiguration.load(text: Array(text.utf8), path: "/etc/t.yml").get()
            .scrapeConfigurations[0]
        let password = try #require(job.client.basicAuth?.password)
        #expect(password.filePath == "/etc/secrets/p")
        #expect(password.reveal { path in "read \(path)\n" } == "read /etc/secrets/p")
    }
}
