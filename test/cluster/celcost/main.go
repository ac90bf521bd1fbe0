// Command celcost prints what the API server estimates each CEL rule of a CRD to cost at most, and its share of the
// limit. It uses the API server's own estimator and fails where the API server would refuse the CRD.
package main

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/validation"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
	"k8s.io/apiserver/pkg/cel/environment"
	"sigs.k8s.io/yaml"
)

// A rule with the most that it can cost in one object.
type estimate struct {
	path string
	rule string
	cost uint64
}

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: celcost CRD.yaml...")
		os.Exit(2)
	}
	for _, path := range os.Args[1:] {
		if err := report(path); err != nil {
			fmt.Fprintf(os.Stderr, "%s: %v\n", path, err)
			os.Exit(1)
		}
	}
}

// report prints the estimates of one CRD file, dearest first.
func report(path string) error {
	schema, err := readSchema(path)
	if err != nil {
		return err
	}
	estimates, err := walk(schema, validation.RootCELContext(schema), "")
	if err != nil {
		return err
	}
	slices.SortStableFunc(estimates, func(a, b estimate) int {
		return cmp.Or(cmp.Compare(b.cost, a.cost), cmp.Compare(a.path, b.path))
	})
	var total uint64
	name := filepath.Base(path)
	for _, e := range estimates {
		total += e.cost
		part := share(e.cost, validation.StaticEstimatedCostLimit)
		fmt.Printf("%s %s: %d, %s of the limit: %s\n", name, strings.TrimPrefix(e.path, "."), e.cost, part, e.rule)
		if e.cost > validation.StaticEstimatedCostLimit {
			return fmt.Errorf("the rule at %s is too expensive", e.path)
		}
	}
	fmt.Printf("%s in all: %d, %s of the limit\n", name, total, share(total, validation.StaticEstimatedCRDCostLimit))
	if total > validation.StaticEstimatedCRDCostLimit {
		return fmt.Errorf("all rules together are too expensive")
	}
	return nil
}

func share(cost, limit uint64) string {
	return fmt.Sprintf("%.2f %%", 100*float64(cost)/float64(limit))
}

// readSchema reads the schema of the only version of a CRD.
func readSchema(path string) (*apiextensions.JSONSchemaProps, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var crd apiextensionsv1.CustomResourceDefinition
	if err := yaml.UnmarshalStrict(text, &crd); err != nil {
		return nil, err
	}
	if len(crd.Spec.Versions) != 1 || crd.Spec.Versions[0].Schema == nil {
		return nil, fmt.Errorf("expected one version with a schema")
	}
	var schema apiextensions.JSONSchemaProps
	err = apiextensionsv1.Convert_v1_JSONSchemaProps_To_apiextensions_JSONSchemaProps(
		crd.Spec.Versions[0].Schema.OpenAPIV3Schema, &schema, nil)
	return &schema, err
}

// walk estimates the rules of a schema and of all below it.
func walk(schema *apiextensions.JSONSchemaProps, context *validation.CELSchemaContext, path string) ([]estimate, error) {
	estimates, err := own(schema, context, path)
	if err != nil {
		return nil, err
	}
	add := func(child *apiextensions.JSONSchemaProps, context *validation.CELSchemaContext, path string) error {
		below, err := walk(child, context, path)
		estimates = append(estimates, below...)
		return err
	}
	for name, child := range schema.Properties {
		if err := add(&child, context.ChildPropertyContext(&child, name), path+"."+name); err != nil {
			return nil, err
		}
	}
	if schema.Items != nil && schema.Items.Schema != nil {
		if err := add(schema.Items.Schema, context.ChildItemsContext(schema.Items.Schema), path+"[]"); err != nil {
			return nil, err
		}
	}
	if values := schema.AdditionalProperties; values != nil && values.Schema != nil {
		if err := add(values.Schema, context.ChildAdditionalPropertiesContext(values.Schema), path+"{}"); err != nil {
			return nil, err
		}
	}
	return estimates, nil
}

// own estimates the rules that stand at a schema itself, as often as they can run in one object.
func own(schema *apiextensions.JSONSchemaProps, context *validation.CELSchemaContext, path string) ([]estimate, error) {
	if len(schema.XValidations) == 0 {
		return nil, nil
	}
	info, err := context.TypeInfo()
	if err != nil {
		return nil, err
	}
	base := environment.MustBaseEnvSet(environment.DefaultCompatibilityVersion())
	results, err := cel.Compile(info.Schema, info.DeclType, celconfig.PerCallLimit, base, cel.NewExpressionsEnvLoader())
	if err != nil {
		return nil, err
	}
	var estimates []estimate
	for i, result := range results {
		if result.Error != nil {
			return nil, fmt.Errorf("%s: %s", path, result.Error.Detail)
		}
		times := result.MaxCardinality
		if context.MaxCardinality != nil {
			times = *context.MaxCardinality
		}
		estimates = append(estimates, estimate{path, schema.XValidations[i].Rule, result.MaxCost * times})
	}
	return estimates, nil
}
