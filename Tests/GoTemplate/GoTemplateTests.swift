import GoTemplate
import Testing

@Suite struct GoTemplateTests {
    @Test func executes() throws {
        let set = TemplateSet()
        let template = try set.template(
            "{{ range $i, $x := .a }}{{ $i }}={{ $x }} {{ end }}{{ .b }}|")
        let data = TemplateValue.map(TemplateMap([("a", .strings(["x", "y"]))]))
        #expect(try template.execute(data) == "0=x 1=y <no value>|")
    }
}
