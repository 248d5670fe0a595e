/// More of what Go's `text/template` and `html/template` answered, recorded from Go 1.19.
enum RecordedFormats {
    static let outputs: [(template: String, output: String)] = [
        (
            #"{{ printf "%05s|%-05s|%05q|%05t|%05v|%05x|%03c" "ab" "ab" "a" true nil "a" 65 }}"#,
            #"000ab|ab   |00"a"|0true|<nil>|00061|00A"#
        ),
        (
            #"{{ printf "%5d|%+d|%05z" "ab" "ab" 7 }}"#,
            #"%!d(string=   ab)|%!d(string=ab)|%!z(int=00007)"#
        ),
        (
            #"{{ printf "%+v|%+v|%#v|%#v|%#v" 42 1.5 "a" nil 3.0 }}"#,
            #"42|1.5|"a"|<nil>|3"#
        ),
        (
            #"{{ printf "%[2]3d|%[1]-3d|%[1].2f|%[5]d|%[x]d|%[1]" 1 2 }}"#,
            #"%!d(BADINDEX)|%!-(int=1)3d|%!f(BADINDEX)|%!d(BADINDEX)|%!d(BADINDEX)|%!(NOVERB)"#
        ),
        (
            #"{{ printf "%." 1 }}"#,
            #"%!.(int=1)"#
        ),
        (
            #"{{ printf "%.*d|%*d" -1 2 2000000 3 }}"#,
            #"%!(BADPREC)2|%!(BADWIDTH)3"#
        ),
        (
            #"{{ printf "%#o|%#x|%#b|%O|%#08x|%x|%X" 8 255 5 8 255 -255 -255 }}"#,
            #"010|0xff|0b101|0o10|0x000000ff|-ff|-FF"#
        ),
        (
            #"{{ printf "%x|%X|%.2x|%b|%#g|%#.3g|%#e|%#f" 1.5 -0.1 3.14159 1.0 1.0 100.0 1.0 2.0 }}"#,
            #"0x1.8p+00|-0X1.999999999999AP-04|0x1.92p+01|4503599627370496p-52|1.00000|100.|1.000000e+00|2.000000"#
        ),
        (
            #"{{ printf "% d|% f|% g|%+g|%010.2f|%-10.2f|" 5 1.5 1.5 1.5 -3.14159 2.5 }}"#,
            #" 5| 1.500000| 1.5|+1.5|-000003.14|2.50      |"#
        ),
        (
            #"{{ printf "%q|%+q|%#q|%#U|%U|%.6U|%c" 233 233 9731 9731 -1 65 1114112 }}"#,
            #"'é'|'\u00e9'|'☃'|U+2603 '☃'|U+FFFFFFFFFFFFFFFF|U+000041|�"#
        ),
        (
            #"{{ printf "%+q|%#q|%#q|%.2x|% x|%#x|% #X" "é☃😀" "a`b" "tab\t" "abc" "abc" "abc" "abc" }}"#,
            #""\u00e9\u2603\U0001f600"|"a`b"|`tab\#t`|6162|61 62 63|0x616263|0X61 0X62 0X63"#
        ),
        (
            #"{{ printf "%T|%8T|%d|%s|%t" 1.5 "x" true false 1 }}"#,
            #"float64|  string|%!d(bool=true)|%!s(bool=false)|%!t(int=1)"#
        ),
        (
            #"{{ printf "%!|%z|%-" 1 }}"#,
            #"%!!(int=1)|%!z(MISSING)|%!(NOVERB)"#
        ),
        (
            #"{{ printf "%d %d" 1 2 3 nil "x" }}"#,
            #"1 2%!(EXTRA int=3, <nil>, string=x)"#
        ),
        (
            #"{{ printf "%6.2f%%|%e|%G|%g" 12.345 0.0 1e-10 123456789.0 }}"#,
            #" 12.35%|0.000000e+00|1E-10|1.23456789e+08"#
        ),
        (
            #"{{ printf "%v|%d|%s" (slice "abc" 1) (index "abc" 0) (html "<&>") }}"#,
            #"bc|97|&lt;&amp;&gt;"#
        ),
        (
            #"{{ printf "%w %p" "a" 1 }} {{ html nil }} {{ js nil "a" }}"#,
            #"%!w(string=a) %!p(int=1) &lt;no value&gt; \u003Cno value\u003Ea"#
        ),
        (
            #"{{ -0x1E }} {{ 0x1E }} {{ 1_0.5 }} {{ 0x_F }}"#,
            #"-30 30 10.5 15"#
        ),
        (
            #"{{ printf "%1000000000d|" 1 }}"#,
            #"%!(NOVERB)%!(EXTRA int=1)"#
        ),
    ]

    static let errors: [(template: String, error: String)] = [
        (
            #"{{ '\400' }}"#,
            #"template: :1: invalid syntax"#
        ),
        (
            #"{{ '' }}"#,
            #"template: :1: invalid syntax"#
        ),
        (
            #"{{ 'ab' }}"#,
            #"template: :1: malformed character constant: 'ab'"#
        ),
        (
            #"{{ if $u\#n-}}{{ end }}"#,
            #"template: :2: undefined variable "$u""#
        ),
        (
            #"{{ block "b" 1 }}\#n{{ else }}{{ end }}"#,
            #"template: :1: unexpected {{else}} in block clause"#
        ),
        (
            #"{{ block "b" 1\#n}}{{/* c }}"#,
            #"template: :2: unclosed comment"#
        ),
        (
            #"{{ eq (slice "a" 0) 1 }}"#,
            #"template: :1:3: executing "" at <eq (slice "a" 0) 1>: error calling eq: incompatible types for comparison: string and int"#
        ),
        (
            #"{{ 1__0 }}"#,
            #"template: :1: illegal number syntax: "1__0""#
        ),
        (
            #"{{ 1_ }}"#,
            #"template: :1: illegal number syntax: "1_""#
        ),
        (
            #"{{ 1e1000 }}"#,
            #"template: :1: illegal number syntax: "1e1000""#
        ),
        (
            #"{{ 9223372036854775808 }}"#,
            #"template: :1:3: executing "" at <9223372036854775808>: 9223372036854775808 overflows int"#
        ),
    ]

    static let html: [(template: String, output: String)] = [
        (
            #"<a onclick="f('{{ "<" | html }}')">"#,
            #"<a onclick="f('\u003c')">"#
        ),
        (
            #"<p title="{{ "a+b" }}">{{ "a+b" }}</p>{{ "a+b" | html }}"#,
            #"<p title="a&#43;b">a&#43;b</p>a+b"#
        ),
        (
            #"<a href="{{ "a" }}{{ "javascript:x" }}">"#,
            #"<a href="a#ZgotmplZ">"#
        ),
        (
            #"<a href="{{ "x" }}/{{ "javascript:x" }}?{{ "a&b" }}#{{ "c d" }}">"#,
            #"<a href="x/javascript:x?a%26b#c%20d">"#
        ),
        (
            #"<script>var x = {{ "</script>'" }}, y = {{ 1 }}, z = '{{ "it's" }}', r = /{{ "a.b" }}/;</script>"#,
            #"<script>var x = "\u003c/script\u003e'", y =  1 , z = 'it\u0027s', r = /a\.b/;</script>"#
        ),
        (
            #"<a onclick="f({{ "a'b" }}, '{{ "q'" }}')" style="color: {{ "red" }}; width: {{ "expression(1)" }}">"#,
            #"<a onclick="f(&#34;a&#39;b&#34;, 'q\u0027')" style="color: red; width: ZgotmplZ">"#
        ),
        (
            ##"<style>p { color: {{ "#fff" }}; background: url({{ "javascript:x" }}); font: "{{ "a\"b" }}" }</style>"##,
            #"<style>p { color: #fff; background: url(#ZgotmplZ); font: "a\22 b" }</style>"#
        ),
        (
            #"a < b <!-- {{ "c" }} --> <!DOCTYPE html> <b>{{ print nil }}</b>"#,
            #"a &lt; b  <!DOCTYPE html> <b>&lt;nil&gt;</b>"#
        ),
        (
            #"<img srcset="{{ "/a.png 1x, javascript:b 2x" }}"><input {{ "checked" }} {{ "onclick" }}=x {{ "type" }}>"#,
            #"<img srcset="/a.png 1x,#ZgotmplZ"><input checked ZgotmplZ=x ZgotmplZ>"#
        ),
        (
            #"<textarea>{{ "</textarea>" }} <b></textarea><title>a<b{{ "&" }}</title>"#,
            #"<textarea>&lt;/textarea&gt; &lt;b></textarea><title>a&lt;b&amp;</title>"#
        ),
        (
            #"<p class={{ "a b=c" }} title={{ "x" | urlquery }}>{{ "a b" | urlquery }}</p>"#,
            #"<p class=a&#32;b&#61;c title=x>a&#43;b</p>"#
        ),
        (
            #"<script>/* {{ "x" }} */ a = {{ true }} / {{ 2.5 }}; // {{ "y" }}\#nb = {{ "\u2028<" }}</script>"#,
            #"<script>   a =  true  /  2.5 ; \#nb = "\u2028\u003c"</script>"#
        ),
        (
            #"<style>/* {{ "x" }} */ a:{{ "b" }}</style>"#,
            #"<style>   a:b</style>"#
        ),
    ]
}
