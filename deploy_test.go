package main

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/soukhq/souk/internal/config"
)

// TestManifestsFitTogether reads all manifests strictly and looks up everything that one says of another.
func TestManifestsFitTogether(t *testing.T) {
	t.Parallel()
	all := manifests(t)
	known := variables(t)
	for key := range all["ConfigMap souk"].Data {
		if !known[key] {
			t.Errorf("the ConfigMap has %s, which is no setting", key)
		}
	}
	var pods []podTemplate
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if m := all[name]; m.Kind == "Deployment" || m.Kind == "Job" {
			pods = append(pods, m.Spec.Template)
			if m.Kind == "Deployment" && !subset(selected(m.Spec.Selector), m.Spec.Template.Metadata.Labels) {
				t.Errorf("%s does not select its own pods", name)
			}
			checkPod(t, name, m.Kind == "Deployment", m.Spec.Template)
			checkEnvironment(t, all, known, name, m.Spec.Template.Spec.Containers[0])
		}
	}
	for _, name := range append(slices.Clone(config.Services), "databases") {
		if !slices.ContainsFunc(pods, func(p podTemplate) bool { return p.Spec.Containers[0].Args[0] == name }) {
			t.Errorf("nothing runs souk %s", name)
		}
	}
	for name, m := range all {
		checkSelectors(t, name, m, pods)
	}
}

// checkPod looks at what does not depend on other objects.
func checkPod(t *testing.T, name string, serves bool, p podTemplate) {
	t.Helper()
	s, c := p.Spec, p.Spec.Containers[0]
	if !s.SecurityContext.RunAsNonRoot || s.SecurityContext.RunAsUser == 0 || s.AutomountServiceAccountToken || s.EnableServiceLinks ||
		c.SecurityContext.AllowPrivilegeEscalation || !c.SecurityContext.ReadOnlyRootFilesystem || !slices.Equal(c.SecurityContext.Capabilities.Drop, []string{"ALL"}) {
		t.Errorf("%s may do more than it needs", name)
	}
	if c.Resources.Requests["cpu"] == "" || c.Resources.Requests["memory"] == "" || c.Resources.Limits["memory"] == "" {
		t.Errorf("%s says too little of what it needs", name)
	}
	if !serves {
		return
	}
	if s.TerminationGracePeriodSeconds < 40 {
		t.Errorf("%s has %d s to end", name, s.TerminationGracePeriodSeconds)
	}
	for _, probe := range []*probe{c.StartupProbe, c.LivenessProbe, c.ReadinessProbe} {
		if probe == nil || probe.HTTPGet.Port != "admin" || probe.HTTPGet.Path != "/livez" && probe != c.ReadinessProbe || probe == c.ReadinessProbe && probe.HTTPGet.Path != "/readyz" {
			t.Errorf("%s has the probe %+v", name, probe)
		}
	}
	image, err := os.ReadFile("Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	for _, port := range c.Ports {
		variable := map[string]string{"admin": "SOUK_ADMIN_LISTEN", "graph": "SOUK_" + strings.ToUpper(c.Args[0]) + "_LISTEN"}[port.Name]
		if c.Args[0] == "router" && port.Name == "graph" {
			variable = "SOUK_LISTEN"
		}
		if !bytes.Contains(image, fmt.Appendf(nil, "%s=0.0.0.0:%d", variable, port.ContainerPort)) {
			t.Errorf("%s: the image does not listen on %d for %s", name, port.ContainerPort, port.Name)
		}
	}
	for _, mount := range c.VolumeMounts {
		if len(s.Volumes) != 1 || s.Volumes[0].Name != mount.Name {
			t.Errorf("%s mounts %s, which is no volume", name, mount.Name)
		}
	}
}

// checkEnvironment looks up where a container's variables come from, and whether they are enough.
func checkEnvironment(t *testing.T, all map[string]manifest, known map[string]bool, name string, c podContainer) {
	t.Helper()
	has := map[string]bool{}
	for _, from := range c.EnvFrom {
		m, there := all["ConfigMap "+from.ConfigMapRef.Name]
		if !there {
			t.Errorf("%s: there is no ConfigMap %s", name, from.ConfigMapRef.Name)
		}
		for key := range m.Data {
			has[key] = true
		}
	}
	for _, e := range c.Env {
		has[e.Name] = true
		if !known[e.Name] {
			t.Errorf("%s has %s, which is no setting", name, e.Name)
		}
		if ref := e.ValueFrom.SecretKeyRef; ref.Name != "" {
			if _, there := all["Secret "+ref.Name].StringData[ref.Key]; !there {
				t.Errorf("%s: there is no %s in the Secret %s", name, ref.Key, ref.Name)
			}
		}
		if e.Name != "SOUK_SUBGRAPHS" {
			continue
		}
		for pair := range strings.SplitSeq(e.Value, ",") {
			subgraph, address, _ := strings.Cut(pair, "=")
			u, err := url.Parse(address)
			if err != nil {
				t.Fatal(err)
			}
			service := all["Service "+subgraph].Spec.Ports
			if len(service) != 1 || u.Host != fmt.Sprintf("%s:%d", subgraph, service[0].Port) || u.Path != "/graphql" {
				t.Errorf("%s asks %s at %s", name, subgraph, address)
			}
		}
	}
	if c.Args[0] == "databases" {
		return
	}
	for _, variable := range needed(without(c.Args, "router")) {
		if !has[variable] {
			t.Errorf("%s is not told %s", name, variable)
		}
	}
}

// checkSelectors looks for the pods that an object selects, and for the ports that it names.
func checkSelectors(t *testing.T, name string, m manifest, pods []podTemplate) {
	t.Helper()
	var wanted map[string]string
	var ports []string
	switch m.Kind {
	case "Service":
		wanted = selected(m.Spec.Selector)
		for _, p := range m.Spec.Ports {
			ports = append(ports, p.TargetPort)
		}
	case "PodDisruptionBudget":
		wanted = selected(m.Spec.Selector)
	case "NetworkPolicy":
		wanted = m.Spec.PodSelector.MatchLabels
		for _, i := range m.Spec.Ingress {
			for _, p := range i.Ports {
				ports = append(ports, p.Port)
			}
			for _, from := range i.From {
				if from.PodSelector != nil && !slices.ContainsFunc(pods, func(p podTemplate) bool { return subset(from.PodSelector.MatchLabels, p.Metadata.Labels) }) {
					t.Errorf("%s lets in %v, which no pod is", name, from.PodSelector.MatchLabels)
				}
			}
		}
	default:
		return
	}
	found := 0
	for _, p := range pods {
		if !subset(wanted, p.Metadata.Labels) {
			continue
		}
		found++
		for _, port := range ports {
			c := p.Spec.Containers[0]
			if len(c.Ports) > 0 && !slices.ContainsFunc(c.Ports, func(has podPort) bool { return has.Name == port }) {
				t.Errorf("%s means the port %s, which %s has not", name, port, c.Name)
			}
		}
	}
	if found == 0 || len(wanted) == 0 {
		t.Errorf("%s selects %v, which no pod is", name, wanted)
	}
}

// selected reads a selector in either of its two forms.
func selected(selector any) map[string]string {
	written, _ := selector.(map[string]any)
	if inner, is := written["matchLabels"].(map[string]any); is {
		written = inner
	}
	all := map[string]string{}
	for key, value := range written {
		all[key] = fmt.Sprint(value)
	}
	return all
}

func subset(wanted, has map[string]string) bool {
	for key, value := range wanted {
		if has[key] != value {
			return false
		}
	}
	return true
}

// variables are those of all settings.
func variables(t *testing.T) map[string]bool {
	t.Helper()
	c, _, err := config.Parse([]string{"config", "table"}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	var table strings.Builder
	if err := c.(*config.Table).Run(&table); err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{"SOUK_ENV": true}
	for _, m := range regexp.MustCompile("(?m)^\\| `[^`]+`(?: \\(secret\\))? \\| `([A-Z_]+)`").FindAllStringSubmatch(table.String(), -1) {
		known[m[1]] = true
	}
	return known
}

// TestKustomizationHasEveryManifest looks for a file that was forgotten.
func TestKustomizationHasEveryManifest(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("deploy/kustomization.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var k struct {
		APIVersion string `yaml:"apiVersion"`
		Kind       string
		Namespace  string
		Images     []struct {
			Name    string
			NewName string `yaml:"newName"`
			NewTag  string `yaml:"newTag"`
		}
		Resources []string
	}
	if err := yaml.UnmarshalWithOptions(text, &k, yaml.Strict()); err != nil {
		t.Fatal(err)
	}
	paths, err := filepath.Glob("deploy/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		name := filepath.Base(path)
		listed := slices.Contains(k.Resources, name)
		if wanted := name != "kustomization.yaml" && name != "secrets.example.yaml"; listed != wanted {
			t.Errorf("%s is listed: %v", name, listed)
		}
	}
	for _, r := range k.Resources {
		if _, err := os.Stat(filepath.Join("deploy", r)); err != nil {
			t.Error(err)
		}
	}
}
