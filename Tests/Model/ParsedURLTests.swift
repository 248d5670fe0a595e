import Model
import Testing

/// The answers are those of Go's net/url.
struct ParsedURLTests {
    @Test(arguments: [
        ("http://h/a\tb", "net/url: invalid control character in URL"),
        ("http://h/\n", "net/url: invalid control character in URL"),
        ("http://h/\u{7f}", "net/url: invalid control character in URL"),
        ("http://h:port/", "invalid port \":port\" after host"),
        ("http://h:80a/", "invalid port \":80a\" after host"),
        ("http://[::1/", "missing ']' in host"),
        ("http://[::1]x/", "invalid port \"x\" after host"),
        ("http://h/%TO", "invalid URL escape \"%TO\""), ("http://h/%", "invalid URL escape \"%\""),
        ("http://h/%4", "invalid URL escape \"%4\""),
        ("http://h%20x/", "invalid URL escape \"%20\""),
        ("http://a b/", "invalid character \" \" in host name"),
        ("http://us er@h/", "net/url: invalid userinfo"),
        ("http://${HOST}/", "invalid character \"{\" in host name"),
        ("://h", "missing protocol scheme"),
        ("1http://h", "first path segment in URL cannot contain colon"),
        ("http://h/#%zz", "invalid URL escape \"%zz\""), ("http://h/#\n", ""),
        ("h:80x/y:z", ""),
    ])
    func whatIsNoURL(text: String, reason: String) {
        if reason.isEmpty {
            #expect(throws: Never.self) { try ParsedURL(text) }
        } else {
            #expect(throws: ParsedURL.ParseError(description: reason)) { try ParsedURL(text) }
        }
    }

    @Test(arguments: [
        ("http://h/hook/Disk full", "http://h/hook/Disk%20full"),
        ("http://h/a%20b", "http://h/a%20b"), ("http://h/a%2fb", "http://h/a%2fb"),
        ("http://h/q\"{x}|^`", "http://h/q%22%7Bx%7D%7C%5E%60"),
        ("http://h/one/.././two/./three", "http://h/one/.././two/./three"),
        ("http://h/ä", "http://h/%C3%A4"), ("http://h/a\\b", "http://h/a%5Cb"),
        ("http://h/%C3%A4 x", "http://h/%C3%A4%20x"),
        ("HTTP://H:80/A?b=c d#e", "http://H:80/A?b=c%20d"),
        ("http://h", "http://h/"), ("http://h?", "http://h/?"),
        ("http://u:p%40@h/x", "http://u:p%40@h/x"),
        ("http://[fe80::1%25eth0]:80/", "http://[fe80::1%25eth0]:80/"),
        ("http://h/a b%ff", "http://h/a%20b%FF"), ("http://h/a[1]", "http://h/a[1]"),
        ("http://h//x", "http://h//x"),
        ("http://h/?q={\"a\"}&r=%41+b", "http://h/?q=%7B%22a%22%7D&r=%41+b"),
    ])
    func whatIsSent(text: String, sent: String) throws {
        #expect(try ParsedURL(text).requestText == sent)
    }

    @Test func itsParts() throws {
        let url = try ParsedURL("https://user:pw@[::1]:9093/a%20b/c?x=1#f")
        #expect(url.scheme == "https" && url.host == "::1" && url.hostAndPort == "[::1]:9093")
        #expect(url.path == "/a b/c" && url.query == "x=1" && url.fragment == "f")
        #expect(url.userInformation == "user:pw")
        #expect(try ParsedURL("mailto:a@b").opaque == "a@b")
        #expect(try ParsedURL("/path/only").path == "/path/only")
        #expect(try ParsedURL("").path.isEmpty)
    }
}
