/// What Alertmanager's templates answered, recorded.
enum RecordedTemplates {
    static let outputs: [(template: String, output: String)] = [
        (
            #"{{ printf "%q" .GroupLabels.Names }} {{ printf "%s|%v|%d" (stringSlice "a" "b") (stringSlice "a" "b") (stringSlice "a") }}"#,
            #"["alertname" "groupLabelKey1"] [a b]|[a b]|[%!d(string=a)]"#
        ),
        (
            #"{{ len "héllo" }} {{ len .Alerts }} {{ len .GroupLabels }} {{ index .GroupLabels "groupLabelKey1" }} {{ index "abc" 1 }} {{ index (stringSlice "a" "b") 1 }}"#,
            #"6 1 2 v1 98 b"#
        ),
        (
            #"{{ slice "abcdef" 1 3 }} {{ slice "abcdef" 2 }} {{ slice (stringSlice "a" "b" "c") 1 }} {{ slice "abc" }}"#,
            #"bc cdef [b c] abc"#
        ),
        (
            #"{{ range $i, $e := stringSlice "a" "b" "c" }}{{ if $i }}, {{ end }}{{ $e }}{{ end }}"#,
            #"a, b, c"#
        ),
        (
            #"{{ range $k, $v := .GroupLabels }}{{ $k }}={{ $v }};{{ end }}"#,
            #"alertname=A;groupLabelKey1=v1;"#
        ),
        (
            #"{{ range stringSlice }}x{{ else }}empty{{ end }}"#,
            #"empty"#
        ),
        (
            #"{{ range $x := stringSlice "a" "b" "c" }}{{ if eq $x "b" }}{{ continue }}{{ end }}{{ $x }}{{ end }}"#,
            #"ac"#
        ),
        (
            #"{{ range stringSlice "a" "b" "c" }}{{ if eq . "b" }}{{ break }}{{ end }}{{ . }}{{ end }}"#,
            #"a"#
        ),
        (
            #"{{ $x := 0 }}{{ range stringSlice "a" "b" }}{{ $x = . }}{{ end }}{{ $x }}"#,
            #"b"#
        ),
        (
            #"{{ block "bl" .Status }}<{{ . }}>{{ end }}"#,
            #"<firing>"#
        ),
        (
            #"{{ if eq .Status "firing" }}a{{ else if eq .Status "resolved" }}b{{ else }}c{{ end }}"#,
            #"a"#
        ),
        (
            #"{{ .Status | printf "%s-%s" "x" }} {{ "abc" | toUpper | printf "%q" }}"#,
            #"x-firing "ABC""#
        ),
        (
            #"{{ (index .Alerts 0).Status }} {{ (.GroupLabels.SortedPairs).Names }} {{ .GroupLabels.groupLabelKey1 }}"#,
            #"firing [alertname groupLabelKey1] v1"#
        ),
        (
            #"{{ .GroupLabels.nope }}|{{ .CommonLabels.nope | len }}|{{ .GroupLabels.nope | printf "%q" }}"#,
            #"|0|"""#
        ),
        (
            #"{{ if .Alerts }}y{{ end }}{{ if .GroupLabels.nope }}n{{ end }}"#,
            #"y"#
        ),
        (
            #"{{ $.Status }} {{ $x := . }}{{ $x.Status }}"#,
            #"firing firing"#
        ),
        (
            #"{{ with .Alerts }}{{ $.Status }}{{ len . }}{{ end }}"#,
            #"firing1"#
        ),
        (
            #"{{ range $i, $a := .Alerts }}{{ $i }}:{{ $a.Labels.SortedPairs.Values | join "/" }} {{ end }}"#,
            #"0:A/2 "#
        ),
        (
            #"{{ (.Status) }} {{ ((.Status)) }} {{ (.Status | toUpper) | printf "%s!" }}"#,
            #"firing firing FIRING!"#
        ),
        (
            #"{{ printf "%v %v" (stringSlice) .Alerts.Resolved }}"#,
            #"[] []"#
        ),
        (
            #"{{ printf "%x" .Status }} {{ printf "%c" 128512 }} {{ printf "%q" 65 }} {{ printf "%#v" "a" }} {{ printf "%5v|%-5v|" 1 2 }}"#,
            #"666972696e67 😀 'A' "a"     1|2    |"#
        ),
        (
            #"{{ .GroupLabels }}|{{ .CommonLabels.SortedPairs }}"#,
            #"alertname=A, groupLabelKey1=v1|alertname=A, b=2"#
        ),
        (
            #"{{ .GroupLabels.Remove (stringSlice "groupLabelKey1") }} {{ .GroupLabels.Names | join "," }}"#,
            #"alertname=A alertname,groupLabelKey1"#
        ),
        (
            #"{{ title "hello wORLD it's" }}|{{ trimSpace "  a b  " }}|{{ reReplaceAll "(a)(b)" "$2${1}x" "abab" }}"#,
            #"Hello World It's|a b|baxbax"#
        ),
        (
            #"{{ (index .Alerts 0).StartsAt }}|{{ (index .Alerts 0).EndsAt }}"#,
            #"2026-01-05 09:00:00 +0000 UTC|0001-01-01 00:00:00 +0000 UTC"#
        ),
        (
            #"{{ range .Alerts }}{{ .StartsAt | tz "Europe/Paris" | date "Mon Jan _2 15:04:05 -0700 2006" }}|{{ .StartsAt.Format "3:04PM" }}|{{ since .StartsAt | humanizeDuration }}|{{ since .StartsAt }}{{ end }}"#,
            #"Mon Jan  5 10:00:00 +0100 2026|9:00AM|1h 1m 1s|1h1m1s"#
        ),
        (
            #"{{ toJson .GroupLabels }} {{ (index .Alerts.Firing 0).Labels | toJson }}"#,
            #"{"alertname":"A","groupLabelKey1":"v1"} {"alertname":"A","b":"2"}"#
        ),
        (
            #"{{ toJson (dict "b" 1.5 "a" (list "<x>" nil true)) }} {{ append (list 1) 2 3 }}"#,
            #"{"a":["\u003cx\u003e",null,true],"b":1.5} [1 2 3]"#
        ),
        (
            #"{{ urlUnescape "a%20b+c" }} {{ safeUrl "x" }}"#,
            #"a b c x"#
        ),
    ]

    static let errors: [(template: String, error: String)] = [
        (
            #"{{ .Nope }}"#,
            #"template: :1:3: executing "" at <.Nope>: can't evaluate field Nope in type template.Data"#
        ),
        (
            #"{{ .Status.Nope }}"#,
            #"template: :1:10: executing "" at <.Status.Nope>: can't evaluate field Nope in type string"#
        ),
        (
            #"{{ .GroupLabels.Names.Foo }}"#,
            #"template: :1:15: executing "" at <.GroupLabels.Names.Foo>: can't evaluate field Foo in type []string"#
        ),
        (
            #"{{ (index .Alerts 5).Status }}"#,
            #"template: :1:4: executing "" at <index .Alerts 5>: error calling index: index out of range: 5"#
        ),
        (
            #"{{ index .GroupLabels 1 }}"#,
            #"template: :1:3: executing "" at <index .GroupLabels 1>: error calling index: value has type int; should be string"#
        ),
        (
            #"{{ index .Alerts "a" }}"#,
            #"template: :1:3: executing "" at <index .Alerts "a">: error calling index: cannot index slice/array with type string"#
        ),
        (
            #"{{ toUpper 5 }}"#,
            #"template: :1:11: executing "" at <5>: expected string; found 5"#
        ),
        (
            #"{{ toUpper }}"#,
            #"template: :1:3: executing "" at <toUpper>: wrong number of args for toUpper: want 1 got 0"#
        ),
        (
            #"{{ toUpper "a" "b" }}"#,
            #"template: :1:3: executing "" at <toUpper>: wrong number of args for toUpper: want 1 got 2"#
        ),
        (
            #"{{ toUpper .GroupLabels }}"#,
            #"template: :1:11: executing "" at <.GroupLabels>: wrong type for value; expected string; got template.KV"#
        ),
        (
            #"{{ "a" | toUpper "b" }}"#,
            #"template: :1:9: executing "" at <toUpper>: wrong number of args for toUpper: want 1 got 2"#
        ),
        (
            #"{{ call .Status }}"#,
            #"template: :1:3: executing "" at <call .Status>: error calling call: non-function .Status of type string"#
        ),
        (
            #"{{ .Status "x" }}"#,
            #"template: :1:3: executing "" at <.Status>: Status has arguments but cannot be invoked as function"#
        ),
        (
            #"{{ 5 | .Status }}"#,
            #"template: :1:7: executing "" at <.Status>: Status has arguments but cannot be invoked as function"#
        ),
        (
            #"{{ .Status.x.y }}"#,
            #"template: :1:10: executing "" at <.Status.x.y>: can't evaluate field x in type string"#
        ),
        (
            #"{{ range . }}{{ break 1 }}{{ end }}"#,
            #"template: :1: unexpected "1" in {{break}}"#
        ),
        (
            #"{{ .Status | nil }}"#,
            #"template: :1: non executable command in pipeline stage 2"#
        ),
        (
            #"{{ .Status }"#,
            #"template: :1: unexpected "}" in operand"#
        ),
        (
            #"{{ .Alerts.Firing.Foo }}"#,
            #"template: :1:10: executing "" at <.Alerts.Firing.Foo>: can't evaluate field Foo in type []template.Alert"#
        ),
    ]

    static let html: [(template: String, output: String)] = [
        (
            #"<p>{{ "<b>&'\"" }}</p>"#,
            #"<p>&lt;b&gt;&amp;&#39;&#34;</p>"#
        ),
        (
            #"<p>{{ "<b>x</b>" | safeHtml }}</p>"#,
            #"<p><b>x</b></p>"#
        ),
        (
            #"<a href="{{ "javascript:alert(1)" }}">x</a>"#,
            ##"<a href="#ZgotmplZ">x</a>"##
        ),
        (
            #"<a href="{{ "http://x/?a=b&c=d" }}">x</a>"#,
            #"<a href="http://x/?a=b&amp;c=d">x</a>"#
        ),
        (
            #"<a href='{{ "http://x/a b'c\"<>" }}'>x</a>"#,
            #"<a href='http://x/a%20b%27c%22%3c%3e'>x</a>"#
        ),
        (
            #"<a href="/search?q={{ "a b&c" }}">x</a>"#,
            #"<a href="/search?q=a%20b%26c">x</a>"#
        ),
        (
            #"<a href="/p/{{ "a b/c?d" }}">x</a>"#,
            #"<a href="/p/a%20b/c?d">x</a>"#
        ),
        (
            #"<a title="{{ "a\"b<c>" }}">x</a>"#,
            #"<a title="a&#34;b&lt;c&gt;">x</a>"#
        ),
        (
            #"<a title={{ "a b" }}>x</a>"#,
            #"<a title=a&#32;b>x</a>"#
        ),
        (
            #"<a title='{{ "it's" }}'>x</a>"#,
            #"<a title='it&#39;s'>x</a>"#
        ),
        (
            #"<a title="{{ "<b>bold</b> & x" | safeHtml }}">x</a>"#,
            #"<a title="bold & x">x</a>"#
        ),
        (
            #"<script>var x = {{ 5 }};</script>"#,
            #"<script>var x =  5 ;</script>"#
        ),
        (
            #"<style>p { color: {{ "red" }} }</style>"#,
            #"<style>p { color: red }</style>"#
        ),
        (
            #"<style>p { color: {{ "expression(1)" }} }</style>"#,
            #"<style>p { color: ZgotmplZ }</style>"#
        ),
        (
            #"<p style="color: {{ "red; x: url(y)" }}">x</p>"#,
            #"<p style="color: ZgotmplZ">x</p>"#
        ),
        (
            #"<p style="color: {{ "red" }}">x</p>"#,
            #"<p style="color: red">x</p>"#
        ),
        (
            #"<!-- comment {{ "x" }} -->y"#,
            #"y"#
        ),
        (
            #"<title>{{ "<b>&" }}</title>"#,
            #"<title>&lt;b&gt;&amp;</title>"#
        ),
        (
            #"<textarea>{{ "<b>&amp;" | safeHtml }}</textarea>"#,
            #"<textarea>&lt;b&gt;&amp;</textarea>"#
        ),
        (
            #"<img src="{{ "data:image/png;base64,xx" }}">"#,
            ##"<img src="#ZgotmplZ">"##
        ),
        (
            #"<p {{ "title" }}="x">"#,
            #"<p title="x">"#
        ),
        (
            #"<p>{{ "a" | html }}{{ "<" | html }}</p>"#,
            #"<p>a&lt;</p>"#
        ),
        (
            #"<a href="{{ template "u" . }}">l</a>{{ define "u" }}{{ .ExternalURL }}/#/x?receiver={{ .Receiver | urlquery }}{{ end }}"#,
            #"<a href="http://am/#/x?receiver=r">l</a>"#
        ),
        (
            #"<a href="{{ .ExternalURL }}/#/alerts?x={{ "a b&" }}">l</a>"#,
            #"<a href="http://am/#/alerts?x=a%20b%26">l</a>"#
        ),
        (
            #"<p>{{ range .Alerts }}<i>{{ .Labels.b }}</i>{{ end }}</p>"#,
            #"<p><i>2</i></p>"#
        ),
        (
            #"<a data-x="{{ "a&b" }}" data-url="{{ "a b" }}">"#,
            #"<a data-x="a&amp;b" data-url="a%20b">"#
        ),
        (
            #"<p>é{{ "é\u0000" }}</p>"#,
            #"<p>éé�</p>"#
        ),
    ]
}
