import { All, Controller, Delete, Get, Head, HttpException, Options, Post, Version } from '@nestjs/common';
import {
  BearerError,
  CurrentToken,
  Public,
  RequireAnyScope,
  RequireGroups,
  RequireOwner,
  RequireOwnerToken,
  RequireScopes,
  ResourceOwner,
  ResourceOwnerResolver,
  type AccessToken,
} from '@latchkey/resource-server';

@Controller('plain')
export class PlainController {
  @Get()
  read() {
    return { by: 'plain' };
  }

  @Post()
  create() {
    return { by: 'plain post' };
  }

  @Get('open')
  @Public()
  open() {
    return { by: 'open' };
  }

  @Get('token')
  token(@CurrentToken() token: AccessToken, @ResourceOwner() owner: string) {
    return { owner, client: token.clientId, scopes: [...token.scopes], audience: token.audience };
  }

  @Get('teapot')
  teapot() {
    throw new HttpException({ by: 'teapot' }, 418);
  }

  @Get('denied')
  denied() {
    throw BearerError.accessDenied('Not today');
  }

  @Head('head')
  head() {
    return undefined;
  }

  @Options('options')
  options() {
    return { by: 'options' };
  }
}

@Public()
@Controller('public')
export class PublicController {
  @Get()
  read() {
    return { by: 'public' };
  }

  @Get('scoped')
  @RequireScopes('read')
  scoped() {
    return { by: 'scoped in public' };
  }
}

@RequireScopes('read')
@Controller('scoped')
export class ScopedController {
  @Get()
  read() {
    return { by: 'scoped' };
  }

  @Delete()
  @RequireScopes('write')
  remove() {
    return { by: 'scoped write' };
  }

  @Get('any')
  @RequireAnyScope('audit', 'write')
  any() {
    return { by: 'any' };
  }

  @Get('open')
  @Public()
  open() {
    return { by: 'open in scoped' };
  }
}

@RequireScopes('read')
export abstract class ListController {
  @Get('inherited')
  @RequireScopes('write')
  inherited() {
    return { by: 'inherited' };
  }

  @Get('overridden')
  @RequireScopes('write')
  overridden() {
    return { by: 'base' };
  }
}

@Controller('child')
export class ChildController extends ListController {
  @Get('overridden')
  override overridden() {
    return { by: 'child' };
  }
}

/** Orders of Alice, and one that cannot be looked up. */
export class OrderOwner extends ResourceOwnerResolver {
  async resolveOwner({ id }: Readonly<Record<string, string>>): Promise<string | null> {
    if (id === 'broken') throw new Error('The database is away');
    return id === '1' ? 'alice' : null;
  }
}

@Controller()
export class OwnersController {
  @Get('users/:sub/orders')
  @RequireOwner('sub')
  ofUser() {
    return { by: 'user' };
  }

  @Get('orders/:id')
  @RequireOwner(OrderOwner)
  order() {
    return { by: 'order' };
  }

  @Get('own')
  @RequireOwnerToken()
  own() {
    return { by: 'own' };
  }

  @Get('staff')
  @RequireGroups('staff')
  staff() {
    return { by: 'staff' };
  }
}

@Controller({ path: 'things', version: '1' })
export class ThingsController {
  @Get()
  @RequireScopes('read')
  first() {
    return { by: 'things 1' };
  }

  @Get()
  @Version(['2', '3'])
  @RequireScopes('write')
  next() {
    return { by: 'things 2' };
  }
}

/** Has no decorator of ours: the options say what it requires. */
@Controller('ruled')
export class RuledController {
  @Get()
  read() {
    return { by: 'ruled' };
  }

  @Get('deep/*')
  deep() {
    return { by: 'ruled deep' };
  }

  @All('all')
  all() {
    return { by: 'ruled all' };
  }
}

@Controller()
export class HealthController {
  @Get('health')
  @Public()
  health() {
    return { by: 'health' };
  }

  @Get('status')
  status() {
    return { by: 'status' };
  }

  @Post('status')
  post() {
    return { by: 'status post' };
  }
}

@Controller('mounted')
export class MountedController {
  @Get()
  @RequireScopes('read')
  read() {
    return { by: 'mounted' };
  }
}
