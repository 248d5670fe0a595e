import Configuration
import Testing

struct ExternalURLTests {
    @Test(
        arguments: [
            (nil, ":9090", "http://me:9090"), (nil, "0.0.0.0:9090", "http://me:9090"),
            (nil, "[::]:80", "http://me:80"), (nil, "127.0.0.1:9090", "http://127.0.0.1:9090"),
            (nil, "[::1]:9090", "http://[::1]:9090"), ("", ":9090", "http://me:9090"),
            ("/prometheus", ":9090", "http://me:9090/prometheus"),
            ("/prometheus/", "10.0.0.1:9090", "http://10.0.0.1:9090/prometheus"),
            ("/", ":9090", "http://me:9090"), ("https://a/b//", ":9090", "https://a/b"),
        ] as [(String?, String, String)])
    func whatLinksBeginWith(written: String?, listenAddress: String, url: String) {
        #expect(
            ExternalURL.text(written, listenAddress: listenAddress, hostName: "me") == url)
    }

    @Test(arguments: [
        ("http://a", true), ("https://a:80/b", true), ("/prometheus", true), ("/", true),
        ("ftp://a", false), ("a/b", false), ("a:9090", false), ("http://", false),
        ("//a/b", false), ("http://a:port", false), ("\"http://a\"", false), ("'/a'", false),
        ("http://a b", false),
    ])
    func whatIsTaken(text: String, isTaken: Bool) {
        #expect((ExternalURL.problem(in: text) == nil) == isTaken)
        let yaml = "tocsin: {web: {external_url: '\(text.replacing("'", with: "''"))'}}"
        let result = TocsinConfiguration.load(text: Array(yaml.utf8), path: "t")
        #expect((result.value != nil) == isTaken, "\(result.problems)")
    }
}
