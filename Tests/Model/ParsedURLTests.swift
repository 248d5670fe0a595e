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
        ("http://[x]/", "invalid host: ParseAddr(\"x\"): unable to parse IP"),
        ("http://[]/", "invalid host: ParseAddr(\"\"): unable to parse IP"),
        ("http://[::1%25]/", "invalid host: ParseAddr(\"::1%\"): unable to parse IP"),
        ("http://[1::2::3]:80/", "invalid host: ParseAddr(\"1::2::3\"): unable to parse IP"),
        ("http://[127.0.0.1]/", "invalid IP-literal"), ("http://h[::1]/", "invalid IP-literal"),
        ("http://[::ffff:127.0.0.1]:80/", ""), ("http://[FE80::1%25eth0]/", ""),
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

    @Test(arguments: [
        ("http://h", "http://h/a/b?x=1+2"), ("http://h/p/?q=1#f", "http://h/p/a/b?q=1&x=1+2"),
        ("http://u:p@[::1]:80/ä b//", "http://u:p@[::1]:80/%C3%A4%20b/a/b?x=1+2"),
    ])
    func morePath(text: String, longer: String) throws {
        #expect(try ParsedURL(text).appending(path: "a/b", query: [("x", "1 2")]) == longer)
    }

    @Test(arguments: [
        ("http://user:pw@host/p", "http://user:xxxxx@host/p", "http://xxxxx@host/p"),
        ("https://tok@host", "https://xxxxx@host", "https://xxxxx@host"),
        ("http://host/a@b?c=d@e&f", "http://host/a@b?c=d@e&f", "http://host/a@b?c=xxxxx&xxxxx"),
        ("http://h/?x#y?x", "http://h/?x#y?x", "http://h/?xxxxx#y?x"),
        ("nonsense", "nonsense", "nonsense"), ("a@b", "a@b", "a@b"),
        ("http://:pw@h?x@y", "http://xxxxx@h?x@y", "http://xxxxx@h?xxxxx"),
        // What is no URL for Go may be meant as one.
        ("http://u:p%w@h/", "xxxxx@h/", "xxxxx@h/"),
        ("http://h/%zz?t=s", "http://h/%zz?t=s", "http://h/%zz?xxxxx"),
    ])
    func whatIsShown(text: String, redacted: String, withoutCredentials: String) {
        #expect(URLRedaction.redact(text) == redacted)
        #expect(URLRedaction.hidingCredentials(text) == withoutCredentials)
    }

    @Test func fieldsOfForms() {
        let form = PercentEncoding.form([("a b", "ä&="), ("c", "")])
        #expect(form == "a+b=%C3%A4%26%3D&c=")
        let fields = PercentEncoding.fields(ofForm: form + "&bad=%4&plain")
        #expect(fields.map(\.name) == ["a b", "c", "plain"])
        #expect(fields.map(\.value) == ["ä&=", "", ""])
        #expect(PercentEncoding.decode("a%2Fb%") == nil)
        #expect(PercentEncoding.decode("a%2fb+") == "a/b+")
    }

    @Test func itsParts() throws {
        let url = try ParsedURL("https://user:pw@[::1]:9093/a%20b/c?x=1#f")
        #expect(url.scheme == "https" && url.host == "::1" && url.hostAndPort == "[::1]:9093")
        #expect(url.path == "/a b/c" && url.query == "x=1" && url.fragment == "f")
        #expect(url.userInformation == "user:pw")
        #expect(url.port == "9093" && url.origin == "https://[::1]:9093")
        #expect(url.afterOrigin == "/a%20b/c?x=1#f")
        #expect(try ParsedURL("http://h").port.isEmpty)
        #expect(try ParsedURL("http://[::1]").port.isEmpty)
        #expect(try ParsedURL("mailto:a@b").opaque == "a@b")
        #expect(try ParsedURL("/path/only").path == "/path/only")
        #expect(try ParsedURL("").path.isEmpty)
    }
}
