// Command peer answers templates as Go does: the first line of its input holds the data, every
// further line a case; it prints a line of JSON for each case.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	htmltemplate "html/template"
	"io"
	"math"
	"net/url"
	"os"
	"regexp"
	"sort"
	"strconv"
	"strings"
	texttemplate "text/template"
	"time"
	"unicode/utf8"
)

// What stands for the moment of the flush.
var now time.Time

type problem struct {
	ID   int    `json:"id"`
	Mode string `json:"mode"`
	Text string `json:"text"`
}

type answer struct {
	ID    int    `json:"id"`
	Stage string `json:"stage"`
	Text  string `json:"text"`
	// Whether the text is broken UTF-8, which JSON cannot carry.
	Broken bool `json:"broken"`
}

// MARK: Data

type datum struct {
	T string          `json:"t"`
	V json.RawMessage `json:"v"`
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func (d datum) text() string {
	var text string
	must(json.Unmarshal(d.V, &text))
	return text
}

func (d datum) value() interface{} {
	switch d.T {
	case "nil":
		return nil
	case "bool":
		return d.text() == "true"
	case "int":
		n, err := strconv.ParseInt(d.text(), 10, 64)
		must(err)
		return int(n)
	case "float":
		x, err := strconv.ParseFloat(d.text(), 64)
		must(err)
		return x
	case "string":
		return d.text()
	case "html":
		return htmltemplate.HTML(d.text())
	case "url":
		return htmltemplate.URL(d.text())
	case "time":
		t, err := time.Parse(time.RFC3339Nano, d.text())
		must(err)
		return t
	case "list":
		var list []datum
		must(json.Unmarshal(d.V, &list))
		values := make([]interface{}, len(list))
		for i, e := range list {
			values[i] = e.value()
		}
		return values
	case "strings":
		var list []string
		must(json.Unmarshal(d.V, &list))
		return list[:len(list):len(list)]
	case "map":
		var entries map[string]datum
		must(json.Unmarshal(d.V, &entries))
		values := map[string]interface{}{}
		for k, e := range entries {
			values[k] = e.value()
		}
		return values
	case "stringmap":
		var entries map[string]string
		must(json.Unmarshal(d.V, &entries))
		return entries
	case "kv":
		var entries KV
		must(json.Unmarshal(d.V, &entries))
		return entries
	case "host":
		var host Host
		must(json.Unmarshal(d.V, &host))
		// No room beyond the end, into which `slice` would reach.
		host.Tags = host.Tags[:len(host.Tags):len(host.Tags)]
		return host
	case "notification":
		var data Data
		must(json.Unmarshal(d.V, &data))
		return data
	}
	must(fmt.Errorf("no such type: %s", d.T))
	return nil
}

// Host is a struct with methods that take arguments.
type Host struct {
	Name string
	Port int
	Tags []string
	Meta map[string]interface{}
}

func (h Host) Hello(who string) string         { return who + "@" + h.Name }
func (h Host) Scale(n int, by float64) float64 { return float64(h.Port+n) * by }
func (h Host) Both(a, b bool) bool             { return a && b }
func (h Host) All(rest ...string) []string     { return append([]string{h.Name}, rest...) }
func (h Host) Any(first interface{}, rest ...interface{}) int {
	return len(rest)
}
func (h Host) Fail(with string) (string, error) { return "", errors.New(with) }

// Data and what it holds are what Alertmanager's documentation says of its notification templates.
type Data struct {
	Receiver           string `json:"receiver"`
	Status             string `json:"status"`
	Alerts             Alerts `json:"alerts"`
	NotificationReason string `json:"notification_reason"`
	GroupLabels        KV     `json:"groupLabels"`
	CommonLabels       KV     `json:"commonLabels"`
	CommonAnnotations  KV     `json:"commonAnnotations"`
	ExternalURL        string `json:"externalURL"`
}

type Alert struct {
	Status       string    `json:"status"`
	Labels       KV        `json:"labels"`
	Annotations  KV        `json:"annotations"`
	StartsAt     time.Time `json:"startsAt"`
	EndsAt       time.Time `json:"endsAt"`
	GeneratorURL string    `json:"generatorURL"`
	Fingerprint  string    `json:"fingerprint"`
}

type Alerts []Alert

func (all Alerts) with(status string) []Alert {
	found := []Alert{}
	for _, a := range all {
		if a.Status == status {
			found = append(found, a)
		}
	}
	return found
}

func (all Alerts) Firing() []Alert   { return all.with("firing") }
func (all Alerts) Resolved() []Alert { return all.with("resolved") }

type Pair struct{ Name, Value string }

type Pairs []Pair

func (pairs Pairs) each(part func(Pair) string) []string {
	list := make([]string, len(pairs))
	for i, p := range pairs {
		list[i] = part(p)
	}
	return list
}

func (pairs Pairs) Names() []string  { return pairs.each(func(p Pair) string { return p.Name }) }
func (pairs Pairs) Values() []string { return pairs.each(func(p Pair) string { return p.Value }) }
func (pairs Pairs) String() string {
	return strings.Join(pairs.each(func(p Pair) string { return p.Name + "=" + p.Value }), ", ")
}

type KV map[string]string

func (kv KV) SortedPairs() Pairs {
	pairs := make(Pairs, 0, len(kv))
	for name, value := range kv {
		pairs = append(pairs, Pair{name, value})
	}
	first := func(name string) bool { return name == "alertname" }
	sort.Slice(pairs, func(i, j int) bool {
		a, b := pairs[i].Name, pairs[j].Name
		if first(a) != first(b) {
			return first(a)
		}
		return a < b
	})
	return pairs
}

func (kv KV) Remove(names []string) KV {
	rest := KV{}
	for name, value := range kv {
		rest[name] = value
	}
	for _, name := range names {
		delete(rest, name)
	}
	return rest
}

func (kv KV) Names() []string  { return kv.SortedPairs().Names() }
func (kv KV) Values() []string { return kv.SortedPairs().Values() }
func (kv KV) String() string   { return kv.SortedPairs().String() }

// MARK: Functions

func seconds(v interface{}) (float64, error) {
	switch v := v.(type) {
	case float64:
		return v, nil
	case int:
		return float64(v), nil
	case string:
		return strconv.ParseFloat(v, 64)
	case time.Duration:
		return v.Seconds(), nil
	}
	return 0, fmt.Errorf("can't convert %T to float", v)
}

func humanizeDuration(i interface{}) (string, error) {
	v, err := seconds(i)
	if err != nil {
		return "", err
	}
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return fmt.Sprintf("%.4g", v), nil
	}
	if v == 0 {
		return fmt.Sprintf("%.4gs", v), nil
	}
	if math.Abs(v) < 1 {
		prefix := ""
		for _, p := range []string{"m", "u", "n", "p", "f", "a", "z", "y"} {
			if math.Abs(v) >= 1 {
				break
			}
			prefix = p
			v *= 1000
		}
		return fmt.Sprintf("%.4g%ss", v, prefix), nil
	}
	sign := ""
	if v < 0 {
		sign, v = "-", -v
	}
	duration := int64(v)
	s, m, h, d := duration%60, duration/60%60, duration/3600%24, duration/86400
	switch {
	case d != 0:
		return fmt.Sprintf("%s%dd %dh %dm %ds", sign, d, h, m, s), nil
	case h != 0:
		return fmt.Sprintf("%s%dh %dm %ds", sign, h, m, s), nil
	case m != 0:
		return fmt.Sprintf("%s%dm %ds", sign, m, s), nil
	}
	return fmt.Sprintf("%s%.4gs", sign, v), nil
}

// Alertmanager's functions, from their documentation. `title` is left out: Go's standard library
// has only the deprecated one, which Prometheus uses.
var functions = map[string]interface{}{
	"toUpper":     strings.ToUpper,
	"toLower":     strings.ToLower,
	"titleOld":    strings.Title,
	"trimSpace":   strings.TrimSpace,
	"join":        func(separator string, list []string) string { return strings.Join(list, separator) },
	"match":       regexp.MatchString,
	"safeHtml":    func(text string) htmltemplate.HTML { return htmltemplate.HTML(text) },
	"safeUrl":     func(text string) htmltemplate.URL { return htmltemplate.URL(text) },
	"urlUnescape": url.QueryUnescape,
	"reReplaceAll": func(pattern, replacement, text string) string {
		return regexp.MustCompile(pattern).ReplaceAllString(text, replacement)
	},
	"stringSlice": func(list ...string) []string { return list },
	"date":        func(layout string, t time.Time) string { return t.Format(layout) },
	"tz": func(name string, t time.Time) (time.Time, error) {
		zone, err := time.LoadLocation(name)
		if err != nil {
			return time.Time{}, err
		}
		return t.In(zone), nil
	},
	"since":            func(t time.Time) time.Duration { return now.Sub(t) },
	"now":              func() time.Time { return now },
	"humanizeDuration": humanizeDuration,
	"toJson": func(v interface{}) (string, error) {
		text, err := json.Marshal(v)
		return string(text), err
	},
	"list":   func(values ...interface{}) []interface{} { return append([]interface{}{}, values...) },
	"append": func(list []interface{}, more ...interface{}) []interface{} { return append(list, more...) },
	"dict": func(values ...interface{}) (map[string]interface{}, error) {
		if len(values)%2 != 0 {
			return nil, errors.New("dict requires an even number of arguments")
		}
		entries := make(map[string]interface{}, len(values)/2)
		for i := 0; i < len(values); i += 2 {
			key, ok := values[i].(string)
			if !ok {
				return nil, errors.New("dict keys must be strings")
			}
			entries[key] = values[i+1]
		}
		return entries, nil
	},
}

// MARK: Cases

func solve(p problem, data interface{}) (result answer) {
	result.ID = p.ID
	defer func() {
		if r := recover(); r != nil {
			result.Stage, result.Text = "panic", fmt.Sprint(r)
		}
		if _, ok := data.(Data); ok {
			// Types of ours stand for those of Alertmanager's package.
			result.Text = strings.ReplaceAll(result.Text, "main.", "template.")
		}
		if !utf8.ValidString(result.Text) {
			result.Broken = true
		}
	}()
	option := "missingkey=zero"
	switch p.Mode {
	case "default", "error":
		option = "missingkey=" + p.Mode
	}
	var buffer bytes.Buffer
	var run func(io.Writer, interface{}) error
	if p.Mode == "html" {
		t, err := htmltemplate.New("").Option(option).Funcs(functions).Parse(p.Text)
		if err != nil {
			result.Stage, result.Text = "parse", err.Error()
			return
		}
		run = t.Execute
	} else {
		t, err := texttemplate.New("").Option(option).Funcs(functions).Parse(p.Text)
		if err != nil {
			result.Stage, result.Text = "parse", err.Error()
			return
		}
		run = t.Execute
	}
	if err := run(&buffer, data); err != nil {
		result.Stage, result.Text = "run", err.Error()
		var refusal *htmltemplate.Error
		if errors.As(err, &refusal) {
			result.Stage = "escape"
		}
		return
	}
	result.Stage, result.Text = "ok", buffer.String()
	return
}

func main() {
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(nil, 64<<20)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	var head struct {
		Data datum  `json:"data"`
		Now  string `json:"now"`
	}
	if !in.Scan() {
		must(errors.New("no data"))
	}
	must(json.Unmarshal(in.Bytes(), &head))
	var err error
	now, err = time.Parse(time.RFC3339Nano, head.Now)
	must(err)
	now = now.Local()
	data := head.Data.value()
	for in.Scan() {
		var p problem
		must(json.Unmarshal(in.Bytes(), &p))
		must(encoder.Encode(solve(p, data)))
	}
	must(in.Err())
}
