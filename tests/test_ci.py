import pytest

SKIPS = {
    "a marked test": "@pytest.mark.skip(reason='no browser')\ndef test_it(): pass",
    "a call in a test": "def test_it(): pytest.skip('no browser')",
    "a call in a fixture": ("@pytest.fixture\ndef browser(): pytest.skip('no browser')\ndef test_it(browser): pass"),
    "a whole module": "pytest.skip('no browser', allow_module_level=True)",
    "a module that is not installed": "pytest.importorskip('no_browser', reason='no browser')",
}


@pytest.fixture
def suite(pytester: pytest.Pytester) -> pytest.Pytester:
    pytester.makeconftest("from tests.conftest import pytest_make_collect_report, pytest_runtest_makereport")
    return pytester


@pytest.mark.parametrize("skip", SKIPS.values(), ids=SKIPS)
def test_a_skip_fails_in_ci_and_says_why(suite: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, skip: str) -> None:
    suite.makepyfile(f"import pytest\n{skip}")
    monkeypatch.setenv("LOOKALIKE_CI", "1")
    result = suite.runpytest()
    assert result.ret not in {pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED}
    result.stdout.fnmatch_lines("*nothing may be skipped in CI. *no browser*")


@pytest.mark.parametrize("skip", SKIPS.values(), ids=SKIPS)
def test_a_skip_is_a_skip_elsewhere(suite: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, skip: str) -> None:
    suite.makepyfile(f"import pytest\n{skip}")
    monkeypatch.delenv("LOOKALIKE_CI", raising=False)
    suite.runpytest().assert_outcomes(skipped=1)


def test_an_expected_failure_passes_in_ci(suite: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    suite.makepyfile("import pytest\n@pytest.mark.xfail\ndef test_it(): assert False")
    monkeypatch.setenv("LOOKALIKE_CI", "1")
    suite.runpytest().assert_outcomes(xfailed=1)
