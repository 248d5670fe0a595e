/// What Go's `text/template` answered, recorded.
enum RecordedAnswers {
    static let outputs: [(template: String, output: String)] = [
        (
            #"{{ printf "%v %v %v %v" 1e6 0.1 123456789.0 1e-7 }}"#,
            #"1e+06 0.1 1.23456789e+08 1e-07"#
        ),
        (
            #"{{ printf "%5.2f|%-6d|%06d|%+d|% d|%x|%X|%o|%b|%#x|%c|%U" 3.14159 42 42 42 42 255 255 8 5 255 65 65 }}"#,
            #" 3.14|42    |000042|+42| 42|ff|FF|10|101|0xff|A|U+0041"#
        ),
        (
            #"{{ printf "%s|%10s|%-10s|%.2s|%q|%x|% x|%#q" "abc" "abc" "abc" "abc" "a\"b" "hi" "hi" "raw" }}"#,
            #"abc|       abc|abc       |ab|"a\"b"|6869|68 69|`raw`"#
        ),
        (
            #"{{ printf "%t|%v|%5t" true false true }}"#,
            #"true|false| true"#
        ),
        (
            #"{{ printf "%d" "str" }} {{ printf "%s" 5 }} {{ printf "%z" 1 }} {{ printf "%d %d" 1 }} {{ printf "%d" 1 2 }} {{ printf "%!" }} {{ printf "%" }}"#,
            #"%!d(string=str) %!s(int=5) %!z(int=1) 1 %!d(MISSING) 1%!(EXTRA int=2) %!!(MISSING) %!(NOVERB)"#
        ),
        (
            #"{{ printf "%[2]d %[1]d" 1 2 }} {{ printf "%*d|%-*d|%.*f" 5 42 5 42 2 3.14159 }} {{ printf "%[3]d" 1 }}"#,
            #"2 1    42|42   |3.14 %!d(BADINDEX)"#
        ),
        (
            #"{{ printf "%e|%E|%g|%G|%.3g|%.0f|%6.1e" 123456.789 123456.789 1e100 1e-10 1234.5678 2.5 12345.678 }}"#,
            #"1.234568e+05|1.234568E+05|1e+100|1E-10|1.23e+03|2|1.2e+04"#
        ),
        (
            #"{{ printf "%T %T %T %T %T" 1 1.5 "s" true nil }}"#,
            #"int float64 string bool <nil>"#
        ),
        (
            #"{{ print 1 2 "a" 3 4 "b" "c" 1.5 true nil }}|{{ println "a" 1 }}|{{ print }}"#,
            #"1 2a3 4bc1.5 true <nil>|a 1\#n|"#
        ),
        (
            #"{{ html "<a href=\"x\">'&" }} {{ js "it's \"<b>\" \\ =\n" }} {{ urlquery "a b&c=d/é" }}"#,
            #"&lt;a href=&#34;x&#34;&gt;&#39;&amp; it\'s \"\u003Cb\u003E\" \\ \u003D\u000A a+b%26c%3Dd%2F%C3%A9"#
        ),
        (
            #"{{ eq 1 1 }} {{ eq "a" "b" "a" }} {{ ne 1 2 }} {{ lt 1 2 }} {{ le 2.0 2.0 }} {{ gt "b" "a" }} {{ ge 1 2 }} {{ eq true true }}"#,
            #"true true true true true true false true"#
        ),
        (
            #"{{ eq nil nil }} {{ eq 1 nil }}"#,
            #"true false"#
        ),
        (
            #"{{ with "x" }}{{ . }}{{ end }}{{ with "" }}y{{ else }}z{{ end }}{{ with $q := 5 }}{{ $q }}{{ end }}"#,
            #"xz5"#
        ),
        (
            #"{{ $x := 1 }}{{ if true }}{{ $x = 2 }}{{ $x := 3 }}{{ end }}{{ $x }}"#,
            #"2"#
        ),
        (
            #"a {{- " b " -}} c {{- /* comment */ -}} d"#,
            #"a b cd"#
        ),
        (
            #"{{/* a comment */}}x{{- /* trim */}} y"#,
            #"x y"#
        ),
        (
            #"{{ define "t" }}[{{ . }}]{{ end }}{{ template "t" "v" }}{{ template "t" }}"#,
            #"[v][<no value>]"#
        ),
        (
            #"{{ 'a' }} {{ '\n' }} {{ 0x1F }} {{ 0b101 }} {{ 0o17 }} {{ 1_000 }} {{ 1.5e3 }} {{ -5 }} {{ +3 }} {{ 017 }} {{ 1e3 }}"#,
            #"97 10 31 5 15 1000 1500 -5 3 15 1000"#
        ),
        (
            #"{{ `raw "string"` }} {{ "tab\tq\"\u00e9\x41\101" }}"#,
            #"raw "string" tab\#tq"éAA"#
        ),
        (
            #"{{ print nil }} {{ printf "%v" nil }}"#,
            #"<nil> <nil>"#
        ),
        (
            #"{{ 1 | }}"#,
            #"1"#
        ),
        (
            #"{{ print (len (print "a" "b")) }}"#,
            #"2"#
        ),
        (
            #"{{ define "r" }}{{ if . }}{{ slice . 1 }}{{ template "r" (slice . 1) }}{{ end }}{{ end }}{{ template "r" "abc" }}"#,
            #"bcc"#
        ),
        (
            #"{{ printf "%6.3v|%v|%v" 3.14159 1.0 100000.0 }} {{ printf "%08.3f|%+.2e|%-8.1f|" -3.14159 12345.678 2.25 }}"#,
            #"  3.14|1|100000 -003.142|+1.23e+04|2.2     |"#
        ),
        (
            #"{{ printf "%.3q" "abcdef" }} {{ printf "%+q" "é" }} {{ printf "%08d" -42 }} {{ printf "%+08d" 42 }} {{ printf "%.5d" 42 }}"#,
            #""abc" "\u00e9" -0000042 +0000042 00042"#
        ),
        (
            #"{{ printf "%s" nil }} {{ printf "%d" nil }} {{ printf "%v%%" 5 }}"#,
            #"%!s(<nil>) %!d(<nil>) 5%"#
        ),
    ]

    static let errors: [(template: String, error: String)] = [
        (
            #"{{ and 1 0 2 }} {{ or 0 "" "x" }} {{ not 0 }} {{ and true }} {{ or "" }} {{ 1 | and 2 }} {{ and }}"#,
            #"template: :1:92: executing "" at <and>: wrong number of args for and: want at least 1 got 0"#
        ),
        (
            #"{{ eq 1 1.0 }}"#,
            #"template: :1:3: executing "" at <eq 1 1.0>: error calling eq: incompatible types for comparison: int and float64"#
        ),
        (
            #"{{ lt true false }}"#,
            #"template: :1:3: executing "" at <lt true false>: error calling lt: invalid type for comparison"#
        ),
        (
            #"{{ eq 1 }}"#,
            #"template: :1:3: executing "" at <eq 1>: error calling eq: missing argument for comparison"#
        ),
        (
            #"{{ lt 1 nil }}"#,
            #"template: :1:3: executing "" at <lt 1 nil>: error calling lt: invalid type for comparison"#
        ),
        (
            #"{{ true }} {{ false }} {{ nil }}"#,
            #"template: :1:26: executing "" at <nil>: nil is not a command"#
        ),
        (
            #"{{ index nil 1 }}"#,
            #"template: :1:3: executing "" at <index nil 1>: error calling index: index of untyped nil"#
        ),
        (
            #"{{ len 5 }}"#,
            #"template: :1:3: executing "" at <len 5>: error calling len: len of type int"#
        ),
        (
            #"{{ len nil }}"#,
            #"template: :1:3: executing "" at <len nil>: error calling len: reflect: call of reflect.Value.Type on zero Value"#
        ),
        (
            #"{{ slice "abc" 2 1 }}"#,
            #"template: :1:3: executing "" at <slice "abc" 2 1>: error calling slice: invalid slice index: 2 > 1"#
        ),
        (
            #"{{ slice "abc" 5 }}"#,
            #"template: :1:3: executing "" at <slice "abc" 5>: error calling slice: index out of range: 5"#
        ),
        (
            #"{{ slice 5 1 }}"#,
            #"template: :1:3: executing "" at <slice 5 1>: error calling slice: can't slice item of type int"#
        ),
        (
            #"{{ template "missing" . }}"#,
            #"template: :1:12: executing "" at <{{template "missing" .}}>: template "missing" not defined"#
        ),
        (
            #"{{ range 5.5 }}{{ end }}"#,
            #"template: :1:9: executing "" at <5.5>: range can't iterate over 5.5"#
        ),
        (
            #"{{ range "abc" }}{{ end }}"#,
            #"template: :1:9: executing "" at <"abc">: range can't iterate over abc"#
        ),
        (
            #"{{ "a" "b" }}"#,
            #"template: :1:3: executing "" at <"a">: can't give argument to non-function "a""#
        ),
        (
            #"{{ nosuch }}"#,
            #"template: :1: function "nosuch" not defined"#
        ),
        (
            #"{{ if }}x{{ end }}"#,
            #"template: :1: missing value for if"#
        ),
        (
            #"{{ if true }}x"#,
            #"template: :1: unexpected EOF"#
        ),
        (
            #"{{ end }}"#,
            #"template: :1: unexpected {{end}}"#
        ),
        (
            #"{{ else }}"#,
            #"template: :1: unexpected {{else}}"#
        ),
        (
            #"{{ range }}{{ end }}"#,
            #"template: :1: missing value for range"#
        ),
        (
            #"{{ $x }}"#,
            #"template: :1: undefined variable "$x""#
        ),
        (
            #"{{ . | 5 }}"#,
            #"template: :1: non executable command in pipeline stage 2"#
        ),
        (
            #"{{ "unterminated }}"#,
            #"template: :1: unterminated quoted string"#
        ),
        (
            #"{{ 'ab' }}"#,
            #"template: :1: malformed character constant: 'ab'"#
        ),
        (
            #"{{ 08 }}"#,
            #"template: :1: integer overflow: "08""#
        ),
        (
            #"{{ 1a }}"#,
            #"template: :1: bad number syntax: "1a""#
        ),
        (
            #"{{ .x! }}"#,
            #"template: :1: bad character U+0021 '!'"#
        ),
        (
            #"{{ $x := }}"#,
            #"template: :1: missing value for command"#
        ),
        (
            #"{{ | }}"#,
            #"template: :1: unexpected "|" in command"#
        ),
        (
            #"{{ ( }}"#,
            #"template: :1: unclosed left paren"#
        ),
        (
            #"{{ (1 }}"#,
            #"template: :1: unclosed left paren"#
        ),
        (
            #"{{ /* x }}"#,
            #"template: :1: unexpected "/" in command"#
        ),
        (
            #"{{ define "a" }}{{ end }}{{ define }}"#,
            #"template: :1: unexpected "}}" in define clause"#
        ),
        (
            #"{{ define "x" }}"#,
            #"template: :1: unexpected EOF"#
        ),
        (
            #"{{ template }}"#,
            #"template: :1: unexpected "}}" in template clause"#
        ),
        (
            #"{{ template "a" | }}"#,
            #"template: :1: unexpected "|" in template clause"#
        ),
        (
            #"{{ break }}"#,
            #"template: :1: {{break}} outside {{range}}"#
        ),
        (
            #"{{ if true }}{{ else }}{{ else }}{{ end }}"#,
            #"template: :1: expected end; found {{else}}"#
        ),
        (
            #"{{ with 1 }}{{ else if 2 }}{{ end }}"#,
            #"template: :1: unexpected <if> in input"#
        ),
        (
            #"{{ . := 5 }}"#,
            #"template: :1: unexpected ":=" in operand"#
        ),
        (
            #"{{ $a, $b := 5 }}"#,
            #"template: :1: too many declarations in command"#
        ),
        (
            #"{{ range $a, 5 := . }}{{ end }}"#,
            #"template: :1: range can only initialize variables"#
        ),
        (
            #"{{ nil }}"#,
            #"template: :1:3: executing "" at <nil>: nil is not a command"#
        ),
        (
            #"{{ 1 = 2 }}"#,
            #"template: :1: unexpected "=" in operand"#
        ),
        (
            #"{{ "a".b }}"#,
            #"template: :1: unexpected . after term "\"a\"""#
        ),
        (
            #"{{ ~ }}"#,
            #"template: :1: unexpected "~" in command"#
        ),
        (
            #"{{ é }}"#,
            #"template: :1: function "é" not defined"#
        ),
        (
            #"{{"#,
            #"template: :1: unclosed action"#
        ),
        (
            #"x {{ "a\#nb" }}"#,
            #"template: :1: unterminated quoted string"#
        ),
        (
            #"{{ end }} x"#,
            #"template: :1: unexpected {{end}}"#
        ),
        (
            #"{{ "\q" }}"#,
            #"template: :1: invalid syntax"#
        ),
        (
            #"{{ not true false }}"#,
            #"template: :1:3: executing "" at <not>: wrong number of args for not: want 1 got 2"#
        ),
        (
            #"{{ printf 5 }}"#,
            #"template: :1:10: executing "" at <5>: expected string; found 5"#
        ),
        (
            #"{{ printf }}"#,
            #"template: :1:3: executing "" at <printf>: wrong number of args for printf: want at least 1 got 0"#
        ),
        (
            #"{{ ne 1 }}"#,
            #"template: :1:3: executing "" at <ne>: wrong number of args for ne: want 2 got 1"#
        ),
        (
            #"{{ (printf "%s" "x").Foo }}"#,
            #"template: :1:16: executing "" at <"x">: can't evaluate field Foo in type string"#
        ),
        (
            #"{{ range $k, $v := "abc" }}{{ end }}"#,
            #"template: :1:19: executing "" at <"abc">: range can't iterate over abc"#
        ),
        (
            #"{{ $v := "a" }}{{ $v = 5 }}{{ $v }}{{ $w = 1 }}"#,
            #"template: :1:43: executing "" at <1>: undefined variable: $w"#
        ),
    ]
}
