/* The public half of a key whose private half was thrown away, with a certificate until 2100. */
#ifndef FUZZ_JWK_H
#define FUZZ_JWK_H

#define FUZZ_JWK_N                                                                                 \
    "qFbd0QGbiunmXKnzEyZn2_wyAC9Bn8dNiva0VzWjQ-3GpYoy0zsNgb99UPnawhgkX8lbKoGeTB9JBzRGLfxdG9wp"     \
    "lAK3_io0Xw4FEfq2OvZKulyQSvge3M7l4N9SjjZAxVg_ac-oGt07xT7OKpymJamSzmoGNc33vf7Xg_m2yxICm4UM"     \
    "v3TvrMa1f20rq1_8FtvT-XtbWvfoSHtDIkaZFc1ReY7WkzIM6Xv0hVyjBYMyLDIlK2TyHBT3Wff1urpTWjdWlFIJ"     \
    "Ow_TFZtuoJYwRPiTsXhn1lKUVbc7fIZyKduoh2A4-_bf47kXO5tt-QH9vtETdAzUVI-UQShr-tqWpefwbcFRjokk"     \
    "i7Vmxj7rCe_KhtXrDB8lrCJz7Hc73mB4mqh2LKOfVhKc2w2dAekJ_WJ3U11LLk-i_O6ul_6hgJuiimcAhePpLhXJ"     \
    "rso1wBkyOaAFEU7JMngx35BD_YPzI1rVYhpiRn3m4FTjIunW9_fV5h24edSOhj5bXESqlehm5B9SpaaucNt8EpoN"     \
    "-Klzaatl_ocPVTDvYjiB8QLMV0FUOb_W5ad8Z44rhZfqp2y_uiPXgKTWrN3OHFzvllLfo4vMaMRo185P14qQ4tvc"     \
    "nI2QaaTUeMz8xylSIIrQNqFfYLWL8f-XHJClBjkx_u7cFsC8N-yzeQ2ZJ8mJ35vAdbs"

#define FUZZ_JWK_X5C                                                                               \
    "MIIFBTCCAu2gAwIBAgIUKwCNDAq+30IoVg2scUAI0latC3QwDQYJKoZIhvcNAQENBQAwETEPMA0GA1UEAwwGVmVr"     \
    "dG9yMCAXDTI2MTEyNjAyMzYyN1oYDzIxMDAxMDI5MDIzNjI3WjARMQ8wDQYDVQQDDAZWZWt0b3IwggIiMA0GCSqG"     \
    "SIb3DQEBAQUAA4ICDwAwggIKAoICAQCoVt3RAZuK6eZcqfMTJmfb/DIAL0Gfx02K9rRXNaND7calijLTOw2Bv31Q"     \
    "+drCGCRfyVsqgZ5MH0kHNEYt/F0b3CmUArf+KjRfDgUR+rY69kq6XJBK+B7czuXg31KONkDFWD9pz6ga3TvFPs4q"     \
    "nKYlqZLOagY1zfe9/teD+bbLEgKbhQy/dO+sxrV/bSurX/wW29P5e1ta9+hIe0MiRpkVzVF5jtaTMgzpe/SFXKMF"     \
    "gzIsMiUrZPIcFPdZ9/W6ulNaN1aUUgk7D9MVm26gljBE+JOxeGfWUpRVtzt8hnIp26iHYDj79t/juRc7m235Af2+"     \
    "0RN0DNRUj5RBKGv62pal5/BtwVGOiSSLtWbGPusJ78qG1esMHyWsInPsdzveYHiaqHYso59WEpzbDZ0B6Qn9YndT"     \
    "XUsuT6L87q6X/qGAm6KKZwCF4+kuFcmuyjXAGTI5oAURTskyeDHfkEP9g/MjWtViGmJGfebgVOMi6db399XmHbh5"     \
    "1I6GPltcRKqV6GbkH1Klpq5w23wSmg34qXNpq2X+hw9VMO9iOIHxAsxXQVQ5v9blp3xnjiuFl+qnbL+6I9eApNas"     \
    "3c4cXO+WUt+ji8xoxGjXzk/XipDi29ycjZBppNR4zPzHKVIgitA2oV9gtYvx/5cckKUGOTH+7twWwLw37LN5DZkn"     \
    "yYnfm8B1uwIDAQABo1MwUTAdBgNVHQ4EFgQUCdD5iQJD8j49zOC44G1gOX437LcwHwYDVR0jBBgwFoAUCdD5iQJD"     \
    "8j49zOC44G1gOX437LcwDwYDVR0TAQH/BAUwAwEB/zANBgkqhkiG9w0BAQ0FAAOCAgEAnnMgTIdiSroEAA/VFAsO"     \
    "18SOD0jHznCXbmnsus3txWYaqIwcTnJ3km/+OpSwPCnVe1lAZXbBvSSVFa9I6rSfyvra7H8spBS9G4+UTJr+UFFm"     \
    "ynOfvylWfW3XK5726Fqdqv5+RbfRuJvd8/lqHey96wOWbsOZWx1mGlqB51Pz3Ga6msGH3hRuo0UAgUV4EBQllvI9"     \
    "mwIBXFuz3gk+HIvgiDfWWAz3rvYRWlNFkJZA1Vx7/nMxRrztAX+Apvsx+y69Umd1WUA4GEDLgQRs11ZpsqQVt/1D"     \
    "zI1ztH2mwq6C5uyYk3Iv9ARgb7WZ45h3MdUgp2qcal3gDovf8tIFOxSbc0dzIR9DiApRI2/ZqXT3250BKZa2wz1P"     \
    "1ql/AXiwkiy4D1bvNpyKyylO41yjNBa/TgSn0aq3Xbi5p568C1e0doZ4Z5KrPf0BP+HEZpyWh3h1mbz60Ca1MkyG"     \
    "jNU3PT4Ox8jaZIQhWknUZL3A1LJdLD/3reQMZTF1TlxPoLFGsMF6uI+gxNGKcfPuFyDvRCEkF6bpZrS1OEdXhQrg"     \
    "fcVp6x5uBZPTEa+mWWGjz+b+ff++btlQWTf12bVz/RvHgHUPa69Br/Af7roAx9/3N5xHdLe8uVn85pg/ZAtJIFFs"     \
    "93cfLmJneFJIe7oJe4P+zTM48ZZFw5J7uGxIhuPwpTkRemI="

#define FUZZ_JWK_VERIFY                                                                            \
    "{\"kty\":\"RSA\",\"alg\":\"PS512\",\"key_ops\":[\"verify\"],\"e\":\"AQAB\",\"kid\":"          \
    "\"vektor\",\"n\":\"" FUZZ_JWK_N "\",\"x5c\":[\"" FUZZ_JWK_X5C "\"]}"

#endif
