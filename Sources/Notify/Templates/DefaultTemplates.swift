/// The templates that every configuration has, under the names that users' own templates and
/// receivers refer to.
enum DefaultTemplates {
    /// Titles, links and lists.
    static let texts = #"""
        {{- define "__alertmanager" }}Tocsin{{ end -}}
        {{- define "__alertmanagerURL" }}{{ .ExternalURL }}/#/alerts?receiver={{ .Receiver | urlquery }}{{ end -}}
        {{- define "__subject" -}}
        [{{ .Status | toUpper }}{{ if eq .Status "firing" }}:{{ len .Alerts.Firing }}{{ end }}] {{ join " " .GroupLabels.SortedPairs.Values }} {{ if gt (len .CommonLabels) (len .GroupLabels) -}}
        ({{ with .CommonLabels.Remove .GroupLabels.Names }}{{ join " " .Values }}{{ end }})
        {{- end }}
        {{- end -}}
        {{- define "__description" }}{{ end -}}
        {{- define "__text_alert_list" }}{{ range . }}Labels:
        {{ range .Labels.SortedPairs }} - {{ .Name }} = {{ .Value }}
        {{ end }}Annotations:
        {{ range .Annotations.SortedPairs }} - {{ .Name }} = {{ .Value }}
        {{ end }}Source: {{ .GeneratorURL }}
        {{ end }}{{ end -}}
        {{- define "__text_alert_list_markdown" }}{{ range . }}
        Labels:
        {{ range .Labels.SortedPairs }}  - {{ .Name }} = {{ .Value }}
        {{ end }}
        Annotations:
        {{ range .Annotations.SortedPairs }}  - {{ .Name }} = {{ .Value }}
        {{ end }}
        Source: {{ .GeneratorURL }}
        {{ end }}
        {{ end -}}
        {{- define "__title_and_link" }}{{ template "__subject" . }} | {{ template "__alertmanagerURL" . }}{{ end -}}
        {{- define "slack.default.title" }}{{ template "__subject" . }}{{ end -}}
        {{- define "slack.default.username" }}{{ template "__alertmanager" . }}{{ end -}}
        {{- define "slack.default.fallback" }}{{ template "slack.default.title" . }} | {{ template "slack.default.titlelink" . }}{{ end -}}
        {{- define "slack.default.callbackid" }}{{ end -}}
        {{- define "slack.default.pretext" }}{{ end -}}
        {{- define "slack.default.titlelink" }}{{ template "__alertmanagerURL" . }}{{ end -}}
        {{- define "slack.default.iconemoji" }}{{ end -}}
        {{- define "slack.default.iconurl" }}{{ end -}}
        {{- define "slack.default.text" }}{{ end -}}
        {{- define "slack.default.footer" }}{{ end -}}
        {{- define "slack.default.color" }}{{ if eq .Status "firing" }}danger{{ else }}good{{ end }}{{ end -}}
        {{- define "pagerduty.default.description" }}{{ template "__subject" . }}{{ end -}}
        {{- define "pagerduty.default.client" }}{{ template "__alertmanager" . }}{{ end -}}
        {{- define "pagerduty.default.clientURL" }}{{ template "__alertmanagerURL" . }}{{ end -}}
        {{- define "pagerduty.default.instances" }}{{ template "__text_alert_list" . }}{{ end -}}
        {{- define "email.default.subject" }}{{ template "__subject" . }}{{ end -}}
        {{- define "email.default.text" }}{{ template "__subject" . }}
        {{ with .Alerts.Firing }}
        FIRING

        {{ template "__text_alert_list" . }}{{ end }}{{ with .Alerts.Resolved }}
        RESOLVED

        {{ template "__text_alert_list" . }}{{ end }}
        {{ template "__alertmanagerURL" . }}
        {{ end -}}
        """#

    /// The mail. Styles stand at the elements, since mail programs drop style sheets.
    static let mail = #"""
        {{- define "__email_alert" }}
        <table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="margin: 0 0 16px; border: 1px solid #d8dde6; border-radius: 4px;">
        {{- range .Labels.SortedPairs }}
        <tr><td style="padding: 4px 12px; width: 30%; color: #5b6577; vertical-align: top;">{{ .Name }}</td><td style="padding: 4px 12px; word-break: break-word;">{{ .Value }}</td></tr>
        {{- end }}
        {{- range .Annotations.SortedPairs }}
        <tr style="background-color: #f4f6f9;"><td style="padding: 4px 12px; color: #5b6577; vertical-align: top;">{{ .Name }}</td><td style="padding: 4px 12px; word-break: break-word;">{{ .Value }}</td></tr>
        {{- end }}
        <tr><td style="padding: 4px 12px; color: #5b6577;">since</td><td style="padding: 4px 12px;">{{ .StartsAt.Format "2006-01-02 15:04:05 MST" }}{{ if eq .Status "resolved" }} until {{ .EndsAt.Format "2006-01-02 15:04:05 MST" }}{{ end }}</td></tr>
        {{- if .GeneratorURL }}
        <tr><td colspan="2" style="padding: 4px 12px 8px;"><a href="{{ .GeneratorURL }}" style="color: #1f5fbf;">Source</a></td></tr>
        {{- end }}
        </table>
        {{- end -}}
        {{- define "email.default.html" -}}
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>{{ template "__subject" . }}</title>
        </head>
        <body style="margin: 0; padding: 16px; background-color: #eef1f5; color: #1d2430; font: 14px/1.5 Helvetica, Arial, sans-serif;">
        <div style="max-width: 640px; margin: 0 auto; background-color: #ffffff; border-radius: 4px;">
        <div style="padding: 16px 20px; border-radius: 4px 4px 0 0; color: #ffffff; font-size: 16px; background-color: {{ if eq .Status "firing" }}#b3261e{{ else }}#2e7d32{{ end }};">{{ len .Alerts }} alert{{ if ne (len .Alerts) 1 }}s{{ end }}{{ range $i, $pair := .GroupLabels.SortedPairs }}{{ if eq $i 0 }} for{{ end }} {{ $pair.Name }}={{ $pair.Value }}{{ end }}</div>
        <div style="padding: 20px;">
        {{- with .Alerts.Firing }}
        <h2 style="margin: 0 0 12px; font-size: 15px; color: #b3261e;">Firing ({{ len . }})</h2>
        {{- range . }}{{ template "__email_alert" . }}{{ end }}
        {{- end }}
        {{- with .Alerts.Resolved }}
        <h2 style="margin: 0 0 12px; font-size: 15px; color: #2e7d32;">Resolved ({{ len . }})</h2>
        {{- range . }}{{ template "__email_alert" . }}{{ end }}
        {{- end }}
        <p style="margin: 8px 0 0;"><a href="{{ template "__alertmanagerURL" . }}" style="color: #1f5fbf;">Look at it in {{ template "__alertmanager" . }}</a></p>
        </div>
        </div>
        <p style="max-width: 640px; margin: 12px auto; text-align: center; font-size: 12px; color: #5b6577;">Sent by <a href="{{ .ExternalURL }}/" style="color: #5b6577;">{{ template "__alertmanager" . }}</a></p>
        </body>
        </html>
        {{ end -}}
        """#
}
