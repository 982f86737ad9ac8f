import flowkit_jwt_generator
import flowkit_jwt_generator.jwt


def test_top_level_names() -> None:
    assert flowkit_jwt_generator.__all__ == [
        "__version__",
        "generate_keypair",
        "generate_token",
        "get_all_claims_from_flowapi",
        "load_private_key",
        "load_public_key",
    ]
    assert flowkit_jwt_generator.__version__ == "2.0.0"


def test_names_of_the_jwt_module() -> None:
    assert set(flowkit_jwt_generator.jwt.__all__) == {
        *set(flowkit_jwt_generator.__all__) - {"__version__"},
        "compress_claims",
        "decompress_claims",
        "squash",
        "squashed_scopes",
        "get_security_schemes_from_api_spec",
        "get_audience_from_flowapi",
    }
