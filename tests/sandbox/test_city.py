"""The city is the same for everyone who builds it, and it hangs together."""

import re
from collections import Counter
from datetime import date

import pytest

from sandbox.city import build_city
from sandbox.people import ENOUGH
from sandbox.personas import (
    BUSY_COMPANY,
    CONFIDENTIAL,
    DECEASED,
    OFFICERS_COMPANY,
    PERSONAS,
    UNDER_INVESTIGATION,
)
from sandbox.records import CompanyStatus, Gender, Level, Role

DAY = date(2026, 3, 2)
CREDIT = "0123456789ABCDEFGHJKLMNPQRTUWXY"


@pytest.fixture(scope="module", params=[1, 2, 77])
def town(request):
    return build_city(request.param, DAY)


def test_equal_arguments_give_an_equal_city(town):
    assert build_city(town.seed, DAY) == town


def test_another_seed_gives_other_people_but_the_same_personas(town):
    other = build_city(town.seed + 1, DAY)
    assert set(other.persons) != set(town.persons)
    for name in PERSONAS:
        assert other.persona(name).id == town.persona(name).id == PERSONAS[name].id
        assert other.persona(name).name == town.persona(name).name


def test_ids_are_nine_digits_and_nobody_shares_one(town):
    ids = [*town.persons, *town.companies, *(household.id for household in town.households)]
    assert all(re.fullmatch(r"[0-9]{9}", each) for each in ids)
    assert len(set(ids)) == len(ids)
    assert all(key == record.id for key, record in {**town.persons, **town.companies}.items())


def test_it_is_as_big_as_a_small_city(town):
    assert ENOUGH <= len(town.persons) < ENOUGH + 10
    assert len(town.companies) == 40
    assert 10 <= len(town.services) <= 15


def test_kinship_is_seen_alike_from_both_sides(town):
    for person in town.persons.values():
        assert len(person.parents) in {0, 2}
        for parent in person.parents:
            assert person.id in town.persons[parent].children
        for child in person.children:
            assert person.id in town.persons[child].parents
        if person.parents:
            genders = {town.persons[parent].gender for parent in person.parents}
            assert genders == {Gender.MALE, Gender.FEMALE}


def test_marriages_are_mutual_and_between_the_living(town):
    for person in town.persons.values():
        if marriage := person.marriage:
            partner = town.persons[marriage.partner]
            assert partner.marriage is not None
            assert partner.marriage.partner == person.id
            assert partner.marriage.since == marriage.since <= DAY
            assert person.died is partner.died is None
            assert person.birth.year is None or marriage.since.year - person.birth.year >= 19


def test_parents_are_older_than_their_children(town):
    for person in town.persons.values():
        for parent in (town.persons[each] for each in person.parents):
            if parent.birth.year and person.birth.year:
                assert 17 <= person.birth.year - parent.birth.year <= 50


def test_nobody_is_born_or_has_moved_in_after_today(town):
    for person in town.persons.values():
        assert person.birth.text <= DAY.isoformat()
        assert person.resident_since <= DAY
        assert person.birth.year is None or person.birth.year > 1900


def test_some_births_are_known_only_in_part(town):
    lengths = Counter(len(person.birth.text) for person in town.persons.values())
    assert set(lengths) == {0, 4, 7, 10}
    assert lengths[0] == 1


def test_one_is_dead_one_secret_and_one_under_investigation(town):
    people = town.persons.values()
    assert [person.id for person in people if person.died] == [DECEASED]
    assert [person.id for person in people if person.secret] == [CONFIDENTIAL]
    assert [person.id for person in people if person.under_investigation] == [UNDER_INVESTIGATION]


def test_everyone_alive_lives_in_one_household_of_that_address(town):
    members = [member for household in town.households for member in household.members]
    assert Counter(members) == Counter(set(town.persons) - {DECEASED})
    for household in town.households:
        assert household.head in household.members
        assert {town.persons[each].address for each in household.members} == {household.address}


def test_addresses_lie_in_communities_of_the_city(town):
    communities = {each.code for each in town.divisions if each.level is Level.COMMUNITY}
    for person in town.persons.values():
        assert person.address.community in communities
        assert 30.3 < person.address.point.lat < 30.7
        assert 114.3 < person.address.point.lon < 114.8


def test_divisions_form_a_tree_of_three_levels(town):
    by_code = {division.code: division for division in town.divisions}
    assert len(by_code) == len(town.divisions)
    lengths = {Level.DISTRICT: 6, Level.NEIGHBOURHOOD: 9, Level.COMMUNITY: 12}
    for division in town.divisions:
        assert len(division.code) == lengths[division.level]
        assert division.name.zh
        assert division.name.en
        if division.level is Level.DISTRICT:
            assert division.parent is None
        else:
            assert division.parent in by_code
            assert division.code.startswith(division.parent)


def test_companies_have_a_legal_representative_who_signs(town):
    assert len({company.name.zh for company in town.companies.values()}) == len(town.companies)
    for company in town.companies.values():
        assert [officer.signs for officer in company.officers] == [True, False, False]
        assert company.officers[0].role is Role.LEGAL_REPRESENTATIVE
        assert len({officer.person for officer in company.officers}) == 3
        for officer in company.officers:
            assert town.persons[officer.person].died is None
        assert company.founded < DAY


def test_credit_codes_check_out(town):
    for company in town.companies.values():
        code = company.credit_code
        assert re.fullmatch(r"91420100MA[0-9A-HJ-NPQRTUWXY]{7}[0-9A-HJ-NPQRTUWXY]", code), code
        assert sum(CREDIT.index(char) * pow(3, at, 31) for at, char in enumerate(code[:17])) % 31 == (
            -CREDIT.index(code[17]) % 31
        )


def test_the_officer_signs_for_the_company_that_is_known(town):
    officer = town.personas["officer"].id
    assert [company.id for company in town.companies_of(officer)] == [OFFICERS_COMPANY]
    assert [company.id for company in town.companies_of(town.busy_person)] == [BUSY_COMPANY]
    assert town.companies[OFFICERS_COMPANY].status is CompanyStatus.ACTIVE
    assert {company.status for company in town.companies.values()} == set(CompanyStatus)


def test_personas_have_the_lives_that_their_stories_need(town):
    assert len(town.persona("parent").children) == 2
    assert town.persona("parent").marriage
    assert town.persona("resident").parents[0] == DECEASED
    assert town.companies_of(town.personas["entrepreneur"].id) == []
    assert all(town.household_of(persona.id) for persona in town.personas.values())


def test_the_busy_person_has_fifty_entries_everywhere(town):
    for department in ("taxation", "hotline"):
        assert town.entries_of(town.busy_person, department) == 50
        assert town.entries_of(town.personas["resident"].id, department) in {2, 3}
        others = {town.entries_of(person, department) for person in set(town.persons) - _persona_ids(town)}
        assert others == {0, 1, 2}


def _persona_ids(town):
    return {persona.id for persona in town.personas.values()}


def test_departments_draw_from_sources_of_their_own(town):
    assert town.rng("taxation").random() == town.rng("taxation").random()
    assert town.rng("taxation").random() != town.rng("hotline").random()


def test_offices_open_and_do_what_the_catalogue_has(town):
    services = {service.id for service in town.services}
    assert set(town.offices[0].services) == services
    for office in town.offices:
        assert office.services
        assert set(office.services) <= services
        assert all(opening.opens < opening.closes for opening in office.openings)


def test_everything_is_said_in_both_languages(town):
    texts = [person.name for person in town.persons.values()]
    texts += [each.name for each in (*town.offices, *town.services, *town.companies.values())]
    texts += [document.name for service in town.services for document in service.documents]
    for text in texts:
        assert re.search(r"[\u4e00-\u9fff]", text.zh)
        assert text.en.isascii()
        assert text.en[0].isupper()
        assert text.get("zh-CN") == text.zh
        assert text.get("en") == text.en


def test_today_is_the_day_in_wuhan_by_default():
    assert build_city().today.year >= 2025
