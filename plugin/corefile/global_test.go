package corefile

import (
	"fmt"
	"strings"
	"testing"

	"github.com/coredns/caddy/caddyfile"
)

// blocks parses failover blocks of server blocks of one Corefile.
func blocks(texts ...string) (configs []*Config, err error) {
	c := controller("")
	for _, text := range texts {
		other := *c // which shares the instance
		other.Dispenser = caddyfile.NewDispenser("Testfile", strings.NewReader(text))
		config, err := Parse(&other)
		if err != nil {
			return nil, err
		}
		configs = append(configs, config)
	}
	return configs, nil
}

// Also a server block that was parsed before has it.
func TestECSFromIsOfTheProcess(t *testing.T) {
	const record = "primary 192.0.2.1\ncheck none\n}"
	configs, err := blocks("failover {\n"+record, "failover {\necs_from 192.0.2.53 10.0.0.0/8 2001:DB8::/32 ::1\n}",
		"failover {\n"+record)
	if err != nil {
		t.Fatal(err)
	}
	for i, config := range configs {
		if got := fmt.Sprint(config.Global.ECSFrom); got != "[192.0.2.53/32 10.0.0.0/8 2001:db8::/32 ::1/128]" {
			t.Errorf("block %d: got %s", i, got)
		}
	}
	if n := len(configs[1].Records) + len(configs[1].Zones); n > 0 {
		t.Errorf("the block for the process alone has %d records and zones", n)
	}
	text := "failover {\necs_from ::1\n" + record
	_, err = blocks(text, text)
	refused(t, text, err, 2, "ecs_from is given twice: it stands at Testfile:2 already")
	other, err := Parse(controller("failover {\n" + record))
	if err != nil || len(other.Global.ECSFrom) > 0 {
		t.Errorf("another Corefile has %v, %v", other.Global.ECSFrom, err)
	}
}
